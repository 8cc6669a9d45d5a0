"""A ledger is opened by an acceptance and hears who joins or leaves."""

from __future__ import annotations

from contracts.envelope import Event
from contracts.referral import (
    Complexity,
    ParticipantAdded,
    ParticipantRemoved,
    ReferralAccepted,
)
from contracts.referral_course import CaseClosed, CaseHeld, CaseResumed, CloseCode, HoldReason
from contracts.terms import Level, Participant, Setting
from kernel.decider import Command
from kernel.process.policy import Send
from kernel.testing.spec import CASE, NOW, history, reacting, recorded
from services.consent.domain.ledger.commands import NoteParticipants, OpenConsentLedger
from services.consent.domain.ledger.review_commands import NoteCaseClosure, NoteCaseHold
from services.consent.policies.follow_referral import FOLLOW_REFERRAL, of_referral
from tests.unit.consent.people import OFFENDER, SCHOOL, SUPPORTER, VICTIM

given = reacting(FOLLOW_REFERRAL)

ACCEPTED = ReferralAccepted(
    setting=Setting.POST_COURT,
    complexity=Complexity.STANDARD,
    min_level=Level.INTERMEDIATE,
    participants=(VICTIM, OFFENDER),
    reasons=(),
    signposted_to=(),
    specialist_service=False,
    organisation=SCHOOL,
)


def added(who: Participant) -> ParticipantAdded:
    return ParticipantAdded(
        participant_id=who.participant_id, role=who.role, age_band=who.age_band, needs=()
    )


def removed(who: Participant) -> ParticipantRemoved:
    return ParticipantRemoved(participant_id=who.participant_id, role=who.role)


def to_ledger(command: Command) -> Send:
    return Send("consent", CASE, command)


def noting(*participants: Participant) -> Send:
    return to_ledger(NoteParticipants(participants=participants))


def test_an_acceptance_opens_the_ledger() -> None:
    given().when(recorded(ACCEPTED, version=3, controller=SCHOOL)).sends(
        to_ledger(
            OpenConsentLedger(
                setting=Setting.POST_COURT,
                participants=(VICTIM, OFFENDER),
                controller=SCHOOL,
                organisation=SCHOOL,
            )
        )
    )


def test_before_the_acceptance_nothing_is_sent() -> None:
    given().when(recorded(added(SUPPORTER))).sends()
    given(recorded(added(SUPPORTER))).when(recorded(removed(SUPPORTER), version=2)).sends()


def test_the_ledger_is_told_the_whole_list_each_time() -> None:
    events: tuple[Event, ...] = (ACCEPTED, added(SUPPORTER))
    given(*history(*events[:1])).when(recorded(events[1], version=2)).sends(
        noting(VICTIM, OFFENDER, SUPPORTER)
    )
    given(*history(*events)).when(recorded(removed(OFFENDER), version=3)).sends(
        noting(VICTIM, SUPPORTER)
    )


def test_the_ledger_is_told_of_holds_and_of_the_end() -> None:
    held = CaseHeld(reason=HoldReason.OTHER, review_at=NOW)
    case = given(*history(ACCEPTED))
    case.when(recorded(held, version=2)).sends(
        to_ledger(NoteCaseHold(on_hold=True, referral_version=2))
    )
    case.when(recorded(CaseResumed(), version=3)).sends(
        to_ledger(NoteCaseHold(on_hold=False, referral_version=3))
    )
    case.when(recorded(CaseClosed(outcome=CloseCode.UNSAFE), version=4)).sends(
        to_ledger(NoteCaseClosure(referral_version=4))
    )


def test_a_case_that_was_never_accepted_has_no_ledger_to_tell() -> None:
    given().when(recorded(CaseClosed(outcome=CloseCode.UNSAFE))).sends()


def test_only_the_referral_is_followed() -> None:
    assert of_referral(f"referral-{CASE}") == CASE
    assert of_referral(f"consent-{CASE}") is None
