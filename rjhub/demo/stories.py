"""What happens in a case, day by day, told through the calls that people would make."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from contracts.consent import InformationItem
from contracts.fields import Role
from contracts.referral import SourceType, Stage
from contracts.terms import Setting
from rjhub.client import Client, Json, position
from rjhub.demo.days import Days
from rjhub.demo.quarter import Planned
from rjhub.organisations import HOUSING, HUB, POLICE, YOUTH_JUSTICE, post

STAGES = {
    Setting.POLICE_CAUTION: Stage.OUT_OF_COURT,
    Setting.COMMUNITY_RESOLUTION: Stage.OUT_OF_COURT,
    Setting.CRIMINAL_INVESTIGATION: Stage.INVESTIGATION,
    Setting.POST_COURT: Stage.SENTENCED,
    Setting.ASB_NEIGHBOUR: Stage.NOT_CRIMINAL,
    Setting.SCHOOL_COLLEGE: Stage.NOT_CRIMINAL,
    Setting.FAMILY: Stage.NOT_CRIMINAL,
}
REFERRERS = {
    SourceType.OFFICER_IN_CHARGE: ("officer", POLICE),
    SourceType.YOUTH_JUSTICE_SERVICE: ("referrer", YOUTH_JUSTICE),
}
PEOPLE = [
    {"role": "victim", "age_band": "from_26_to_64"},
    {"role": "offender", "age_band": "from_18_to_25"},
]
SUITABLE: Json = {
    "decision": "suitable",
    "complexity": "standard",
    "min_level": "intermediate",
    "abuse_screen": "clear",
    "screener_trained": True,
    "screener_conflict": "none",
}
TOLD: Json = {"info_version": 1, "items": [*InformationItem], "format": "in_person"}
SAID_YES: Json = {"info_version": 1, "acknowledged": [*InformationItem], "evidence": "written"}


class NotAsPlanned(Exception):
    """A call was answered otherwise than the story expects."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether something could be done, as it was answered."""

    command: str
    answer: Json


@dataclass
class Case:
    """A case on its way; every call waits for all that was answered in it before."""

    client: Client
    days: Days
    plan: Planned
    first_day: datetime
    id: str = ""
    victim: str = ""
    offender: str = ""
    referred: list[str] = field(default_factory=list)
    """The ids of all cases so far, of every story."""
    seen: dict[str, int] = field(default_factory=dict)
    consents: dict[str, str] = field(default_factory=dict)
    """The id of everybody's yes."""
    asked: list[Asked] = field(default_factory=list)

    @property
    def lead(self) -> str:
        """The post of the facilitator who leads it."""
        return post(Role.FACILITATOR, self.plan.lead + 1)

    @property
    def everybody(self) -> list[str]:
        """Whom it is between."""
        return [self.victim, self.offender]

    @property
    def after(self) -> str:
        """All that was answered in it."""
        return ",".join(f"{stream}@{version}" for stream, version in self.seen.items())

    def moment(self, day: int) -> datetime:
        """When a day of the quarter begins."""
        return self.first_day + timedelta(days=day)

    async def day(self, after: int) -> None:
        """Wait until so many days after the referral."""
        await self.until(self.plan.day + after)

    async def until(self, day: int) -> None:
        """Wait for a day of the quarter."""
        await self.days.until(day)

    async def tell(
        self, service: str, path: str, body: Json, *, role: str = "coordinator", org: str = HUB
    ) -> Json:
        """A command about this case; raises NotAsPlanned unless it is accepted."""
        url = f"/cases/{self.id}{path}" if self.id else path
        answer = await self.client.tell(service, url, body, role=role, org=org, after=self.after)
        return self._accepted(answer, url)

    async def work(self, path: str, body: Json) -> Json:
        """What the facilitator who leads the case does in it."""
        return await self.tell("facilitation", path, body, role=self.lead)

    async def could(self, command: str, body: Json) -> None:
        """Ask whether the facilitator could do this now, and keep the answer."""
        path = f"/cases/{self.id}/can/{command}?{urlencode(body, doseq=True)}"
        answer = await self.client.ask(
            "facilitation", path, role=self.lead, org=HUB, after=self.after
        )
        if answer.is_error:
            raise NotAsPlanned(f"GET {path}: {answer.status_code} {answer.text}")
        self.asked.append(Asked(command, answer.json()))

    def _accepted(self, answer: httpx.Response, url: str) -> Json:
        if answer.is_error:
            raise NotAsPlanned(
                f"case {self.plan.number} ({self.plan.course}, {self.plan.end}), POST {url}: "
                f"{answer.status_code} {answer.text}"
            )
        stream, _, version = position(answer).rpartition("@")
        self.seen[stream] = int(version)
        said: Json = answer.json()
        return said


async def refer(case: Case) -> None:
    """Somebody asks the hub to look at a matter."""
    plan = case.plan
    role, org = REFERRERS.get(plan.source, ("referrer", HOUSING))
    await case.day(0)
    body = {
        "setting": plan.setting,
        "stage": STAGES[plan.setting],
        "initiated_by": "victim",
        "victim_request": True,
        "participants": PEOPLE,
        "source_type": plan.source,
    }
    said = await case.tell("referral", "/cases", body, role=role, org=org)
    people = {one["role"]: one["participant_id"] for one in fact(said)["participants"]}
    case.id, case.victim, case.offender = said["subject"], people["victim"], people["offender"]
    case.referred.append(case.id)


def fact(said: Json) -> Json:
    """What an accepted command recorded first."""
    data: Json = said["events"][0]["data"]
    return data


async def contact(case: Case, who: str, next_step: str, outcome: str = "reached") -> None:
    """The hub gets in touch with somebody, or tries to."""
    body = {
        "participant_id": who,
        "channel": "telephone",
        "outcome": outcome,
        "next_step": next_step,
    }
    await case.tell("referral", "/contacts", body, role="supervisor")


async def accept(case: Case) -> None:
    """The victim is called, the matter is screened, and the hub takes it on."""
    await case.day(1)
    await contact(case, case.victim, "information")
    await case.tell("referral", "/screening", SUITABLE, role="coordinator")
    await case.day(2)
    await case.tell("referral", "/acceptance", {"reasons": ["victim_asked"]}, role="supervisor")


async def inform(case: Case, who: str) -> None:
    """Somebody is told all there is to know."""
    await case.tell("consent", "/information", TOLD | {"participant_id": who})


async def say_yes(case: Case, who: str, *methods: str) -> None:
    """Somebody is told everything and says yes."""
    await inform(case, who)
    said = SAID_YES | {"participant_id": who, "methods": list(methods)}
    given = await case.tell("consent", "/consents", said)
    case.consents[who] = fact(given)["consent_id"]


async def confirm(case: Case, who: str) -> None:
    """Somebody is asked again, and says the same."""
    said = {"consent_id": case.consents[who], "info_version": 1}
    await case.tell("consent", "/consents/confirmation", said, role=case.lead)


async def say_no(case: Case, who: str) -> None:
    """Somebody is told everything and says no."""
    await inform(case, who)
    await case.tell("consent", "/consents/decline", {"participant_id": who})


async def withdraw(case: Case, who: str, *methods: str) -> None:
    """Somebody takes their yes back, to these methods or to all."""
    said = {"participant_id": who, "channel": "by_telephone"}
    named = {"methods": list(methods)} if methods else {}
    await case.tell("consent", "/consents/withdrawal", said | named)


async def close(case: Case, **details: Any) -> None:
    """The victim is told, and the case is closed."""
    await contact(case, case.victim, "case_closes")
    body = {"outcome": case.plan.end, **details}
    await case.tell("referral", "/closure", body, role="supervisor")
