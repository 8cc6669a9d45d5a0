"""Casework as the hub's callers do it: over HTTP, each call with the token of whoever makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from contracts.consent import InformationItem
from rjhub import client
from rjhub.client import Client, Json
from rjhub.organisations import POLICE

REFERRAL: Json = {
    "setting": "criminal_investigation",
    "stage": "investigation",
    "initiated_by": "victim",
    "victim_request": True,
    "participants": [
        {"role": "victim", "age_band": "from_26_to_64"},
        {"role": "offender", "age_band": "from_18_to_25"},
    ],
    "source_type": "officer_in_charge",
}
SCREENING: Json = {
    "decision": "suitable",
    "complexity": "standard",
    "min_level": "intermediate",
    "screener_trained": True,
    "screener_conflict": "none",
}
TOLD: Json = {"info_version": 1, "items": [*InformationItem], "format": "in_person"}
SAID_YES: Json = {"info_version": 1, "acknowledged": [*InformationItem], "evidence": "written"}


def position(answer: httpx.Response) -> str:
    """Where a command's answer stands, for `After`; the command must have been accepted."""
    assert answer.is_success, answer.text
    return client.position(answer)


class Desk(Client):
    """Calls a hub as one of its people would."""

    async def refer(self, **details: Any) -> Case:
        """An officer asks the hub to look at a matter."""
        body = REFERRAL | details
        answer = await self.tell("referral", "/cases", body, role="officer", org=POLICE)
        at = position(answer)
        requested = answer.json()["events"][0]["data"]
        people = {one["role"]: one["participant_id"] for one in requested["participants"]}
        return Case(self, answer.json()["subject"], people, at)


@dataclass
class Case:
    """One case; each step is taken after all that was answered before it."""

    desk: Desk
    id: str
    people: dict[str, str]
    at: str

    async def tell(self, service: str, path: str, body: Json, **how: Any) -> httpx.Response:
        """A command about this case; it must be accepted."""
        url = f"/cases/{self.id}{path}"
        answer = await self.desk.tell(service, url, body, **{"after": self.at, **how})
        self.at = position(answer)
        return answer

    async def ask(self, path: str = "", **how: Any) -> Json:
        """What reporting says of this case, after all that happened in it."""
        url = f"/cases/{self.id}{path}"
        answer = await self.desk.ask("reporting", url, **{"after": self.at, **how})
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    async def accept(self) -> None:
        """A coordinator screens the matter and takes it on."""
        await self.tell("referral", "/screening", SCREENING)
        await self.tell("referral", "/acceptance", {"reasons": ["victim_asked"]})

    async def consent(self, who: str, *methods: str) -> None:
        """A participant is told everything and says yes."""
        someone = {"participant_id": self.people[who]}
        await self.tell("consent", "/information", TOLD | someone)
        await self.tell("consent", "/consents", SAID_YES | someone | {"methods": list(methods)})

    async def withdraw(self, who: str) -> None:
        """A participant takes everything back."""
        said = {"participant_id": self.people[who], "channel": "by_telephone"}
        await self.tell("consent", "/consents/withdrawal", said)


async def agreed(desk: Desk) -> Case:
    """A case in which both sides said yes to letters: all three services tell of it."""
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter")
    await case.consent("offender", "letter")
    return case
