"""Casework up to an activity: everybody agrees and is ready, and it has its date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from contracts.fields import Role
from rjhub.organisations import HUB, actor_id
from tests.support_casework import SCREENING as SUITABLE
from tests.support_casework import Case, Desk, position

FACILITATOR = str(actor_id(HUB, Role.FACILITATOR))
MANAGER: dict[str, Any] = {"role": "provider_manager"}
WORKER: dict[str, Any] = {"role": "facilitator"}
SCREENING = SUITABLE | {"min_level": "intermediate", "abuse_screen": "clear"}
VENUE = {
    "venue_ref": str(uuid4()),
    "type": "community",
    "neutral": True,
    "separate_arrival": True,
    "exit": True,
    "supporters_space": True,
}


async def hire(desk: Desk, organisation: str = HUB) -> None:
    """There is a facilitator of an organisation, whoever registered them."""
    facilitator = str(actor_id(organisation, Role.FACILITATOR))
    manager = MANAGER | {"org": organisation}
    body = {"facilitator_id": facilitator, "affiliation": "partner"}
    answer = await desk.tell("facilitation", "/facilitators", body, **manager)
    if answer.status_code == 409:
        return
    trained = datetime.now(UTC) - timedelta(days=1)
    training = {"level": "advanced", "hours": 30, "completed_at": trained.isoformat()}
    path = f"/facilitators/{facilitator}/training"
    position(await desk.tell("facilitation", path, training, **manager))


async def prepared(desk: Desk, *methods: str) -> Case:
    """A case in which everybody agrees to these methods and is ready for them."""
    await hire(desk)
    case = await desk.refer(setting="family", stage="not_criminal")
    await case.tell("referral", "/screening", SCREENING)
    await case.tell("referral", "/acceptance", {"reasons": ["victim_asked"]})
    for who in ("victim", "offender"):
        await case.consent(who, *methods)
    lead = {"facilitator_id": FACILITATOR}
    await case.tell("facilitation", "/facilitators", lead, **MANAGER)
    for who in ("victim", "offender"):
        alone = {"participant_id": case.people[who], "mode": "in_person", "readiness": "ready"}
        await work(case, "/preparation", alone)
    takes = {"participant_id": case.people["offender"], "responsibility": "full"}
    await work(case, "/responsibility", takes)
    await work(case, "/risk", {"level": "low"})
    for method in methods:
        await work(case, "/method", {"method": method})
    await work(case, "/risk", {"level": "low"})
    return case


async def work(case: Case, path: str, body: dict[str, Any]) -> httpx.Response:
    """A command of the facilitator about this case; it must be accepted."""
    return await case.tell("facilitation", path, body, **WORKER)


async def arranged(case: Case, days: int) -> str:
    """A meeting has its date; each test has days of its own, as there is one facilitator."""
    await work(case, "/venues", VENUE)
    starts = datetime.now(UTC) + timedelta(days=days)
    meeting = {
        "method": "face_to_face",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "venue_ref": VENUE["venue_ref"],
        "attendees": [*case.people.values()],
    }
    answer = await work(case, "/meetings", meeting)
    return str(answer.json()["events"][0]["data"]["meeting_id"])


async def tell(
    case: Case, path: str, body: dict[str, Any], after: str = "", key: UUID | None = None
) -> httpx.Response:
    """A command of the facilitator that may be refused."""
    url = f"/cases/{case.id}{path}"
    return await case.desk.tell("facilitation", url, body, after=after, key=key, **WORKER)


async def timeline(case: Case) -> list[str]:
    """What reporting tells of it, by the names of the events."""
    items = (await case.ask("/timeline"))["items"]
    return [one["type"].split(".")[1] for one in items]
