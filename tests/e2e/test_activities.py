"""People meet, or write: only while all consent, and never a moment longer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.fields import Role
from rjhub.organisations import HUB, actor_id
from tests.support import eventually
from tests.support_casework import Case, Desk, position
from tests.support_hub import Hub

FACILITATOR = str(actor_id(HUB, Role.FACILITATOR))
MANAGER: dict[str, Any] = {"role": "provider_manager"}
WORKER: dict[str, Any] = {"role": "facilitator"}
VENUE = {
    "venue_ref": str(uuid4()),
    "type": "community",
    "neutral": True,
    "separate_arrival": True,
    "exit": True,
    "supporters_space": True,
}


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


async def hire(desk: Desk) -> None:
    """There is a facilitator, whoever registered them."""
    body = {"facilitator_id": FACILITATOR, "affiliation": "partner"}
    answer = await desk.tell("facilitation", "/facilitators", body, **MANAGER)
    if answer.status_code == 409:
        return
    trained = datetime.now(UTC) - timedelta(days=1)
    training = {"level": "advanced", "hours": 30, "completed_at": trained.isoformat()}
    path = f"/facilitators/{FACILITATOR}/training"
    position(await desk.tell("facilitation", path, training, **MANAGER))


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


SCREENING = {
    "decision": "suitable",
    "complexity": "standard",
    "min_level": "intermediate",
    "abuse_screen": "clear",
    "screener_trained": True,
    "screener_conflict": "none",
}


async def work(case: Case, path: str, body: dict[str, Any]) -> httpx.Response:
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


async def tell(case: Case, path: str, body: dict[str, Any], after: str) -> httpx.Response:
    url = f"/cases/{case.id}{path}"
    return await case.desk.tell("facilitation", url, body, after=after, **WORKER)


async def timeline(case: Case) -> list[str]:
    """What reporting tells of it, by the names of the events."""
    items = (await case.ask("/timeline"))["items"]
    return [one["type"].split(".")[1] for one in items]


async def test_a_meeting_takes_place_from_its_date_to_what_was_agreed(desk: Desk) -> None:
    case = await prepared(desk, "face_to_face")
    meeting = {"meeting_id": await arranged(case, 5)}
    everybody = [*case.people.values()]
    await work(case, "/meetings/start", meeting | {"attendees": everybody})
    await work(case, "/meetings/end", meeting | {"attendance": everybody, "minutes": 80})
    apology = {"type": "apology", "by": case.people["offender"], "proportionate": True}
    await work(case, "/agreements", {"items": [apology], "assented": everybody})
    told = await timeline(case)
    for earlier, later in (
        ("ActivityCleared", "ClearanceNoted"),
        ("ClearanceNoted", "MeetingStarted"),
        ("MeetingHeld", "OutcomeAgreementReached"),
    ):
        assert told.index(earlier) < told.index(later)


async def test_a_withdrawal_stops_a_meeting_that_is_running(desk: Desk) -> None:
    case = await prepared(desk, "face_to_face", "letter")
    meeting = {"meeting_id": await arranged(case, 6)}
    await work(case, "/meetings/start", meeting | {"attendees": [*case.people.values()]})
    await case.withdraw("victim")
    held = meeting | {"attendance": [*case.people.values()], "minutes": 80}
    refused = await tell(case, "/meetings/end", held, case.at)
    assert refused.status_code == 409
    assert [one["rule"] for one in refused.json()["unmet"]] == ["FAC-47"]

    async def stopped() -> bool:
        return "MeetingStopped" in await timeline(case)

    await eventually(stopped)


async def test_a_letter_is_not_delivered_after_a_withdrawal_and_says_why(desk: Desk) -> None:
    case = await prepared(desk, "letter")
    written = {"sender": case.people["offender"], "recipient": case.people["victim"]}
    draft = await work(case, "/letters", written)
    letter = {"letter_id": draft.json()["events"][0]["data"]["letter_id"]}
    await work(case, "/letters/review", letter | {"result": "accepted"})
    url = f"/cases/{case.id}/can/DeliverLetter"
    before = await desk.tell("facilitation", url, letter, after=case.at, **WORKER)
    assert before.json() == {"can": True}
    await case.withdraw("victim")
    refused = await tell(case, "/letters/delivery", letter, "")
    assert refused.status_code == 409
    assert {one["rule"] for one in refused.json()["unmet"]} & {"CON-20", "FAC-20"}


async def test_word_is_carried_over(desk: Desk) -> None:
    case = await prepared(desk, "shuttle")
    word = {"sender": case.people["victim"], "recipient": case.people["offender"]}
    answer = await work(case, "/messages", word)
    assert answer.json()["events"][0]["type"] == "rj.MessageRelayed.v1"
    again = await tell(case, "/messages", word, case.at)
    assert again.is_success
