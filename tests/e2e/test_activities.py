"""People meet, or write: only while all consent, and never a moment longer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contracts.fields import Role
from rjhub.organisations import PROVIDER_A, actor_id
from tests.support import eventually
from tests.support_activities import (
    MANAGER,
    WORKER,
    arranged,
    hire,
    prepared,
    tell,
    timeline,
    work,
)
from tests.support_casework import TOLD, Desk
from tests.support_hub import Hub

CALL = {"channel": "telephone", "outcome": "reached", "next_step": "preparation"}


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


async def test_a_facilitator_of_a_partner_works_on_the_case_until_taken_off_it(desk: Desk) -> None:
    case = await prepared(desk, "shuttle")
    partner = WORKER | {"org": PROVIDER_A}
    somebody = {"participant_id": case.people["victim"]}
    urls = {
        "consent": (f"/cases/{case.id}/information", TOLD | somebody),
        "referral": (f"/cases/{case.id}/contacts", CALL | somebody),
    }

    async def answers() -> set[int]:
        told = [
            await desk.tell(service, url, body, after=case.at, **partner)
            for service, (url, body) in urls.items()
        ]
        return {one.status_code for one in told}

    assert await answers() == {404}
    await hire(desk, PROVIDER_A)
    helper = {"facilitator_id": str(actor_id(PROVIDER_A, Role.FACILITATOR))}
    await case.tell("facilitation", "/facilitators", helper | {"part": "co"}, **MANAGER)
    assert await answers() == {200}
    word = {"sender": case.people["victim"], "recipient": case.people["offender"]}
    await case.tell("facilitation", "/messages", word, **partner)
    await case.tell("facilitation", "/facilitators/removal", helper, **MANAGER)
    assert await answers() == {404}
