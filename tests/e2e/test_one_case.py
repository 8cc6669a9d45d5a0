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
    assert (await case.ask())["quorum"] == []
    await case.consent("offender", "letter")
    assert (await case.ask())["quorum"] == ["letter"]
    await case.withdraw("victim")
    assert (await case.ask())["quorum"] == []


async def test_facilitation_opens_an_accepted_case(desk: Desk) -> None:
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter")
    await case.consent("offender", "letter")
    timeline = await case.ask("/timeline")
    told = {one["type"] for one in timeline["items"]}
    assert {"ReferralRequested", "ConsentLedgerOpened", "ConsentQuorumReached"} <= told


async def test_another_organisation_does_not_see_the_case(desk: Desk) -> None:
    case = await desk.refer()
    mine = await desk.ask("reporting", f"/cases/{case.id}", role="officer", org=POLICE)
    theirs = await desk.ask("reporting", f"/cases/{case.id}", role="referrer", org=HOUSING)
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
