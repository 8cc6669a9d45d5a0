"""A case on its way: held, resumed, ended in time and closed, over HTTP on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support import eventually
from tests.support_casework import SAID_YES, TOLD, Case, Desk
from tests.support_hub import Hub

CLOSED = {"outcome": "victim_declined"}


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


def said_to(case: Case, next_step: str) -> dict[str, str]:
    """A telephone call with the victim."""
    who = {"participant_id": case.people["victim"], "channel": "telephone"}
    return {**who, "outcome": "reached", "next_step": next_step}


async def test_a_case_is_held_resumed_and_closed_once_the_victim_was_told(desk: Desk) -> None:
    case = await desk.refer()
    await case.accept()
    review_at = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    await case.tell("referral", "/hold", {"reason": "criminal_process", "review_at": review_at})
    assert (await case.ask())["status"] == "on_hold"
    await case.tell("referral", "/resumption", {})
    assert (await case.ask())["status"] == "accepted"
    await case.tell("referral", "/contacts", said_to(case, "case_closes"))
    await case.tell("referral", "/closure", CLOSED)
    found = await case.ask()
    assert (found["status"], found["outcome"]) == ("closed", "victim_declined")


async def test_why_a_case_cannot_be_closed_is_told_before_and_after(desk: Desk) -> None:
    case = await desk.refer()
    path = f"/cases/{case.id}/can/CloseCase?outcome=victim_declined"
    before = (await desk.ask("referral", path)).json()
    assert (before["can"], [one["rule"] for one in before["unmet"]]) == (False, ["REF-27"])
    told = await case.tell("referral", "/contacts", said_to(case, "case_closes"))
    assert (await desk.ask("referral", path)).json() == {"can": True}
    recorded_at = datetime.fromisoformat(told.json()["recorded_at"])
    earlier = (recorded_at - timedelta(milliseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (await desk.ask("referral", f"{path}&as_of={earlier}")).json() == before


async def test_consent_hears_that_a_case_is_closed_and_still_takes_a_no(desk: Desk) -> None:
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter")
    await case.tell("referral", "/contacts", said_to(case, "case_closes"))
    await case.tell("referral", "/closure", CLOSED)
    again = {**SAID_YES, "participant_id": case.people["victim"], "methods": ["video"]}
    answer = await desk.tell("consent", f"/cases/{case.id}/consents", again, after=case.at)
    assert [one["rule"] for one in answer.json()["unmet"]] == ["CON-41"]
    await case.withdraw("victim")


async def test_a_yes_that_nobody_confirms_ends_by_itself(desk: Desk) -> None:
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter")
    offender = {"participant_id": case.people["offender"]}
    await case.tell("consent", "/information", TOLD | offender)
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    yes = SAID_YES | offender | {"methods": ["letter"], "valid_until": soon}
    said = await case.tell("consent", "/consents", yes)
    assert said.json()["events"][-1]["type"] == "rj.ConsentQuorumReached.v1"

    async def nobody_agrees() -> bool:
        return bool((await case.ask())["agreed_methods"] == [])

    async def is_told() -> bool:
        told = (await case.ask("/timeline"))["items"]
        return "The yes of the offender to letter has come to its end." in [
            one["words"] for one in told
        ]

    await eventually(nobody_agrees, 20)
    await eventually(is_told)
