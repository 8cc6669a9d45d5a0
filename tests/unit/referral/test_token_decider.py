"""An incident has one place; who holds it, and when another may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.envelope import Topic
from contracts.fields import CaseId
from contracts.referral import TokenHeld
from kernel.testing.spec import NOW, an_id, deciding
from services.referral.domain.token.commands import HoldToken, Vacancy
from services.referral.domain.token.decide import HOLD, TOKEN

given = deciding(TOKEN)

FIRST, SECOND = CaseId(an_id("first case")), CaseId(an_id("second case"))
HELD = TokenHeld(case_id=FIRST, until=NOW + HOLD)
JUST_BEFORE = NOW + HOLD - timedelta(seconds=1)


def instead(vacancy: Vacancy, of: CaseId = FIRST) -> HoldToken:
    return HoldToken(case_id=SECOND, instead_of=of, vacancy=vacancy)


def test_a_free_token_is_held_for_a_while() -> None:
    given().when(HoldToken(case_id=FIRST)).then(HELD)


def test_a_holder_holds_on() -> None:
    later = NOW + timedelta(minutes=3)
    given(HELD).at(later).when(HoldToken(case_id=FIRST)).then(
        TokenHeld(case_id=FIRST, until=later + HOLD)
    )


@pytest.mark.rule("REF-02")
@pytest.mark.parametrize(
    "bid",
    [
        HoldToken(case_id=SECOND),
        instead(Vacancy.NEVER_REQUESTED),
        instead(Vacancy.NEVER_REQUESTED, of=SECOND),
        instead(Vacancy.CLOSED, of=CaseId(an_id("third case"))),
    ],
)
def test_a_held_token_is_not_taken(bid: HoldToken) -> None:
    given(HELD).at(JUST_BEFORE).when(bid).refused_by("REF-02")


@pytest.mark.rule("REF-02")
def test_a_hold_whose_case_never_came_lapses() -> None:
    then = NOW + HOLD
    given(HELD).at(then).when(instead(Vacancy.NEVER_REQUESTED)).then(
        TokenHeld(case_id=SECOND, until=then + HOLD)
    )


@pytest.mark.rule("REF-02")
def test_a_hold_whose_case_came_does_not_lapse() -> None:
    given(HELD).at(NOW + 2 * HOLD).when(HoldToken(case_id=SECOND)).refused_by("REF-02")


@pytest.mark.rule("REF-02")
def test_the_token_of_a_closed_case_is_free() -> None:
    given(HELD).when(instead(Vacancy.CLOSED)).then(TokenHeld(case_id=SECOND, until=NOW + HOLD))


def test_tokens_never_leave_the_store() -> None:
    assert TOKEN.topic == TokenHeld.topic == Topic.PRIVATE
    assert Topic.PRIVATE not in Topic.ALL
