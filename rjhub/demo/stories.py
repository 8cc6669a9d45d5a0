"""What happens in a case, day by day, told through the calls that people would make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from contracts.consent import InformationItem
from contracts.referral import SourceType, Stage
from contracts.terms import Setting
from rjhub.client import Client, Json, position
from rjhub.demo.days import Days
from rjhub.demo.quarter import Planned
from rjhub.organisations import HOUSING, HUB, POLICE, YOUTH_JUSTICE

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


@dataclass
class Case:
    """A case on its way; every call waits for all that was answered in it before."""

    client: Client
    days: Days
    plan: Planned
    id: str = ""
    victim: str = ""
    offender: str = ""
    referred: list[str] = field(default_factory=list)
    """The ids of all cases so far, of every story."""
    seen: dict[str, int] = field(default_factory=dict)

    async def day(self, after: int) -> None:
        """Wait until so many days after the referral."""
        await self.days.until(self.plan.day + after)

    async def tell(
        self, service: str, path: str, body: Json, *, role: str = "coordinator", org: str = HUB
    ) -> Json:
        """A command about this case; raises NotAsPlanned unless it is accepted."""
        url = f"/cases/{self.id}{path}" if self.id else path
        after = ",".join(f"{stream}@{version}" for stream, version in self.seen.items())
        answer = await self.client.tell(service, url, body, role=role, org=org, after=after)
        return self._accepted(answer, url)

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
    people = {one["role"]: one["participant_id"] for one in _requested(said)["participants"]}
    case.id, case.victim, case.offender = said["subject"], people["victim"], people["offender"]
    case.referred.append(case.id)


def _requested(said: Json) -> Any:
    return said["events"][0]["data"]


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
    await case.tell("consent", "/consents", said)


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
