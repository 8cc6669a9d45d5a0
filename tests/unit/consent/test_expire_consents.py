"""Each yes is waited for until its end, unless it is gone before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.common import CaseClosureNoted
from contracts.consent_review import ConsentExpired, ConsentReconfirmed, ConsentVaried
from contracts.envelope import Event
from contracts.terms import Method
from kernel.process.policy import Send
from kernel.testing.spec import CASE, NOW, history, reacting
from services.consent.domain.ledger.review_commands import ExpireConsent
from services.consent.policies.expire_consents import EXPIRE_CONSENTS, Ending, of_consent
from tests.unit.consent.people import LATER, OFFENDER, VICTIM, agreed, consent_id, took_back

given = reacting(EXPIRE_CONSENTS)

VICTIMS = consent_id(str(VICTIM.participant_id))
OFFENDERS = consent_id(str(OFFENDER.participant_id))
AGREED = agreed(VICTIM, OFFENDER)
MUCH_LATER = LATER + timedelta(days=30)


def confirmed(kind: type[ConsentReconfirmed | ConsentVaried]) -> Event:
    return kind(
        consent_id=VICTIMS,
        participant_id=VICTIM.participant_id,
        methods=(Method.LETTER,),
        info_version=1,
        valid_until=MUCH_LATER,
        checked_at=NOW,
    )


def armed(*events: Event) -> dict[str, datetime]:
    *before, last = history(*AGREED, *events, stream="consent")
    return given(*before).when(last).timers()


def test_each_yes_is_waited_for_until_its_end() -> None:
    assert armed() == {str(VICTIMS): LATER, str(OFFENDERS): LATER}


@pytest.mark.parametrize("kind", [ConsentReconfirmed, ConsentVaried])
def test_a_yes_that_is_confirmed_is_waited_for_until_its_new_end(
    kind: type[ConsentReconfirmed | ConsentVaried],
) -> None:
    assert armed(confirmed(kind)) == {str(VICTIMS): MUCH_LATER, str(OFFENDERS): LATER}


def test_a_yes_that_was_taken_back_is_waited_for_no_longer() -> None:
    assert armed(took_back(VICTIM)) == {str(OFFENDERS): LATER}


def test_what_is_kept_of_a_ledger_reads_as_what_an_earlier_release_kept() -> None:
    state = EXPIRE_CONSENTS.initial
    for one in history(*AGREED, took_back(VICTIM), stream="consent"):
        state = EXPIRE_CONSENTS.react(state, one).state
    kept = state.model_dump(mode="json")
    assert kept["ledger"].pop("noes") == []
    assert Ending.model_validate(kept) == state


def test_nothing_is_waited_for_in_a_closed_case() -> None:
    assert armed(CaseClosureNoted(referral_version=9)) == {}


def test_the_end_of_a_yes_is_told_once() -> None:
    case = given(*history(*AGREED, stream="consent"))
    due = case.when_due(str(VICTIMS))
    due.sends(Send("consent", CASE, ExpireConsent(consent_id=VICTIMS)))
    due.arms({str(OFFENDERS): LATER})
    ended = ConsentExpired(
        consent_id=VICTIMS, participant_id=VICTIM.participant_id, methods=(Method.LETTER,)
    )
    assert armed(ended) == {str(OFFENDERS): LATER}


def test_only_the_ledger_is_followed() -> None:
    assert of_consent(f"consent-{CASE}") == CASE
    assert of_consent(f"referral-{CASE}") is None
