"""One case lives: from a referral over HTTP to what the reporting service says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from rjhub.organisations import HOUSING, POLICE
from tests.support_casework import REFERRAL, Desk, position
from tests.support_hub import Hub


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


async def test_a_referral_reaches_its_report(desk: Desk) -> None:
    case = await desk.refer()
    assert (await case.ask())["status"] == "requested"


async def test_consent_of_both_sides_is_a_quorum_until_one_withdraws(desk: Desk) -> None:
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter", "shuttle")
    assert (await case.ask())["agreed_methods"] == []
    await case.consent("offender", "letter")
    assert (await case.ask())["agreed_methods"] == ["letter"]
    await case.withdraw("victim")
    assert (await case.ask())["agreed_methods"] == []


async def test_facilitation_opens_an_accepted_case_and_notes_its_quorum(desk: Desk) -> None:
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter")
    await case.consent("offender", "letter")
    opened_and_noted = f"facilitation-{case.id}@2"
    assert (await case.ask(after=opened_and_noted))["facilitation_open"]


async def test_a_timeline_tells_who_did_what_and_why_in_plain_words(desk: Desk) -> None:
    case = await desk.refer()
    await case.accept()
    told = (await case.ask("/timeline", after=f"consent-{case.id}@1"))["items"]
    opened = next(one for one in told if one["role"] == "system")
    assert (told[0]["role"], told[0]["cause"]) == ("officer", None)
    assert opened["cause"] in [one["words"] for one in told]


async def test_another_organisation_does_not_see_the_case(desk: Desk) -> None:
    case = await desk.refer()
    url, after = f"/cases/{case.id}", case.at
    mine = await desk.ask("reporting", url, role="officer", org=POLICE, after=after)
    theirs = await desk.ask("reporting", url, role="referrer", org=HOUSING)
    nobodys = await desk.ask("reporting", f"/cases/{uuid4()}", role="referrer", org=HOUSING)
    assert (mine.status_code, theirs.status_code, nobodys.status_code) == (200, 404, 404)
    assert theirs.json()["detail"] == nobodys.json()["detail"]


async def test_a_repeated_command_gets_its_first_answer(desk: Desk) -> None:
    key = uuid4()
    first, again = [
        await desk.tell("referral", "/cases", REFERRAL, role="officer", org=POLICE, key=key)
        for _ in range(2)
    ]
    assert position(first) == position(again)
    other = await desk.tell(
        "referral", "/cases", REFERRAL | {"stage": "charged"}, role="officer", org=POLICE, key=key
    )
    assert other.status_code == 422
