"""People meet, or write: only while all consent, and never a moment longer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support import eventually
from tests.support_activities import WORKER, arranged, prepared, tell, timeline, work
from tests.support_casework import Desk
from tests.support_hub import Hub


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


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
