"""A case is opened by an acceptance, and told of its people, its course and its consent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.common import EntryCorrected, ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    Channel,
    ConsentDeclined,
    ConsentId,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    RepresentativeEndCause,
    RepresentativeEnded,
)
from contracts.consent_clearance import ActivityCleared
from contracts.consent_review import ConsentExpired, ConsentVaried
from contracts.envelope import Event, Position, Recorded
from contracts.fields import ActorId
from contracts.referral import (
    Complexity,
    InitiatedBy,
    ParticipantAdded,
    ParticipantRemoved,
    ReferralAccepted,
    ReferralRequested,
    SourceType,
    Stage,
)
from contracts.referral_course import CaseClosed, CaseHeld, CaseResumed, CloseCode, HoldReason
from contracts.terms import ActivityId, Method, ParticipantRole, YesEnded
from kernel.decider import Command
from kernel.process.policy import Send
from kernel.testing.spec import CASE, HUB, NOW, an_id, reacting, recorded
from services.facilitation.domain.case.notes.commands import (
    NoteCaseClosure,
    NoteCaseHold,
    NoteClearance,
    NoteConsentLoss,
    NoteConsentQuorum,
    NoteParticipants,
    NoteWithdrawal,
    OpenFacilitation,
)
from services.facilitation.policies.follow_case import FOLLOW_CASE, of_case
from tests.unit.facilitation.casework import (
    BOTH,
    CLEARANCE,
    LETTER,
    MEETING,
    OFFENDER,
    SCHOOL,
    SIDES,
    SUPPORTER,
    VICTIM,
    opened,
)

given = reacting(FOLLOW_CASE)

OPENED = opened(
    complexity=Complexity.SENSITIVE_AND_COMPLEX,
    stage=Stage.CHARGED,
    investigator=ActorId(an_id("officer")),
)
OPENING = OpenFacilitation(**OPENED.model_dump())
ACCEPTED = ReferralAccepted(
    setting=OPENED.setting,
    complexity=OPENED.complexity,
    min_level=OPENED.min_level,
    participants=SIDES,
    reasons=(),
    signposted_to=(),
    specialist_service=True,
    organisation=SCHOOL,
)
REVIEW = NOW + timedelta(days=28)


def requested(source: SourceType = SourceType.OFFICER_IN_CHARGE) -> Recorded:
    event = ReferralRequested(
        setting=OPENED.setting,
        stage=Stage.CHARGED,
        harm_flags=(),
        initiated_by=InitiatedBy.VICTIM,
        victim_request=True,
        participants=SIDES,
        source_type=source,
        organisation=SCHOOL,
        requested_by=ActorId(an_id("officer")),
    )
    return recorded(event, stream="referral", version=1)


def of_referral(event: Event, version: int = 3) -> Recorded:
    return recorded(event, stream="referral", version=version, controller=HUB)


ACCEPTANCE = of_referral(ACCEPTED)


def of_consent(event: Event, version: int, **fields: Any) -> Recorded:
    return recorded(event, stream="consent", version=version, **fields)


def agreed(version: int) -> Recorded:
    return of_consent(ConsentQuorumReached(method=LETTER, participants=BOTH), version)


def disagreed(version: int) -> Recorded:
    return of_consent(ConsentQuorumLost(method=LETTER, participants=BOTH), version)


def to_case(command: Command, step: str = "", *also: Position) -> Send:
    return Send("facilitation", CASE, command, step, also)


def note_quorum(version: int) -> NoteConsentQuorum:
    return NoteConsentQuorum(method=LETTER, participants=BOTH, consent_version=version)


def note_loss(version: int) -> NoteConsentLoss:
    return NoteConsentLoss(method=LETTER, participants=BOTH, consent_version=version)


def test_an_acceptance_opens_the_case_with_what_the_request_said() -> None:
    given(requested()).when(ACCEPTANCE).sends(to_case(OPENING))


def test_only_an_officer_in_charge_is_the_investigator() -> None:
    of_school = given(requested(SourceType.SCHOOL)).when(ACCEPTANCE)
    of_school.sends(to_case(OPENING.model_copy(update={"investigator": None})))


def test_quorum_and_loss_are_told_with_their_place_in_the_consent_stream() -> None:
    given(ACCEPTANCE).when(agreed(7)).sends(to_case(note_quorum(7)))
    given(ACCEPTANCE, agreed(7)).when(disagreed(9)).sends(to_case(note_loss(9)))


def test_what_comes_before_the_opening_is_held_back_and_never_lost() -> None:
    given().when(agreed(7)).sends()
    held = CaseHeld(reason=HoldReason.OTHER, review_at=REVIEW)
    given(requested(), of_referral(held, 2), agreed(7), disagreed(9)).when(ACCEPTANCE).sends(
        to_case(OPENING),
        to_case(
            NoteCaseHold(on_hold=True, referral_version=2),
            "referral 2",
            Position(f"referral-{CASE}", 2),
        ),
        to_case(note_quorum(7), "consent 7", Position(f"consent-{CASE}", 7)),
        to_case(note_loss(9), "consent 9", Position(f"consent-{CASE}", 9)),
    )


def test_what_was_held_back_is_told_once() -> None:
    assert given(agreed(7)).when(ACCEPTANCE).state().held == ()
    given(agreed(7), ACCEPTANCE).when(disagreed(9)).sends(to_case(note_loss(9)))


def test_the_case_is_told_who_is_in_it_once_it_is_open() -> None:
    added = ParticipantAdded(**SUPPORTER.model_dump(), needs=())
    removed = ParticipantRemoved(
        participant_id=OFFENDER.participant_id, role=ParticipantRole.OFFENDER
    )
    given().when(of_referral(added)).sends()
    joined = NoteParticipants(participants=(*SIDES, SUPPORTER))
    given(ACCEPTANCE).when(of_referral(added, 4)).sends(to_case(joined))
    left = NoteParticipants(participants=(VICTIM, SUPPORTER))
    given(ACCEPTANCE, of_referral(added, 4)).when(of_referral(removed, 5)).sends(to_case(left))


def test_the_case_is_told_of_its_course() -> None:
    held = CaseHeld(reason=HoldReason.OTHER, review_at=REVIEW)
    given(ACCEPTANCE).when(of_referral(held, 4)).sends(
        to_case(NoteCaseHold(on_hold=True, referral_version=4))
    )
    given(ACCEPTANCE).when(of_referral(CaseResumed(), 5)).sends(
        to_case(NoteCaseHold(on_hold=False, referral_version=5))
    )
    closed = CaseClosed(outcome=CloseCode.UNSAFE)
    given(ACCEPTANCE).when(of_referral(closed, 6)).sends(
        to_case(NoteCaseClosure(referral_version=6))
    )


@pytest.mark.parametrize(
    "event",
    [
        ConsentWithdrawn(
            participant_id=VICTIM.participant_id,
            methods=(LETTER, Method.VIDEO),
            channel=Channel.THROUGH_SOMEBODY_ELSE,
        ),
        ConsentDeclined(participant_id=VICTIM.participant_id, methods=(LETTER, Method.VIDEO)),
        ConsentExpired(
            consent_id=ConsentId(an_id("consent")),
            participant_id=VICTIM.participant_id,
            methods=(LETTER, Method.VIDEO),
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_no_is_told_with_the_moment_at_which_it_was_said(event: Event) -> None:
    said = NOW - timedelta(days=2)
    given(ACCEPTANCE).when(of_consent(event, 8, happened_at=said)).sends(
        to_case(
            NoteWithdrawal(
                participant_id=VICTIM.participant_id,
                methods=(LETTER, Method.VIDEO),
                withdrawn_at=said,
                consent_version=8,
            )
        )
    )


@pytest.mark.parametrize("kind", [ConsentWithdrawn, ConsentDeclined])
def test_the_no_of_a_representative_is_told_with_whose_yes_it_ended(
    kind: type[ConsentWithdrawn | ConsentDeclined],
) -> None:
    ended = YesEnded(participant_id=VICTIM.participant_id, methods=(LETTER,))
    said = {"participant_id": an_id("parent"), "methods": (LETTER, Method.VIDEO)}
    by_telephone = {"channel": Channel.BY_TELEPHONE} if kind is ConsentWithdrawn else {}
    event = kind.model_validate({**said, **by_telephone, "also_ends": (ended,)})
    given(ACCEPTANCE).when(of_consent(event, 8)).sends(
        to_case(
            NoteWithdrawal.model_validate(
                {**said, "withdrawn_at": NOW, "consent_version": 8, "also_ends": (ended,)}
            )
        )
    )


def expired(**fields: Any) -> ConsentExpired:
    return ConsentExpired(
        consent_id=ConsentId(an_id("consent")),
        participant_id=VICTIM.participant_id,
        methods=(LETTER, Method.VIDEO),
        **fields,
    )


def test_the_end_of_a_yes_is_a_no_only_to_what_nobody_says_yes_to_any_longer() -> None:
    given(ACCEPTANCE).when(of_consent(expired(no_longer=()), 8)).sends()
    given(ACCEPTANCE).when(of_consent(expired(no_longer=(LETTER,)), 8)).sends(
        to_case(
            NoteWithdrawal(
                participant_id=VICTIM.participant_id,
                methods=(LETTER,),
                withdrawn_at=NOW,
                consent_version=8,
            )
        )
    )


@pytest.mark.parametrize(
    "kind",
    [CapacityRecorded, RepresentativeEnded, ConsentVaried, EntryCorrected, ParticipantsNoted],
)
def test_a_yes_that_ends_without_a_no_is_told_as_one(kind: type[Event]) -> None:
    first = YesEnded(participant_id=SUPPORTER.participant_id, methods=(LETTER,))
    other = YesEnded(participant_id=OFFENDER.participant_id, methods=(Method.VIDEO,))
    event = ended_by(kind)
    given(ACCEPTANCE).when(of_consent(event, 8)).sends()
    said = NOW - timedelta(days=2)
    ending = event.model_copy(update={"ends": (first, other)})
    given(ACCEPTANCE).when(of_consent(ending, 8, happened_at=said)).sends(
        to_case(
            NoteWithdrawal(
                participant_id=first.participant_id,
                methods=first.methods,
                withdrawn_at=said,
                consent_version=8,
                also_ends=(other,),
            )
        )
    )


def ended_by(kind: type[Event]) -> Event:
    supporter = {"participant_id": SUPPORTER.participant_id}
    fields: dict[type[Event], dict[str, Any]] = {
        CapacityRecorded: {**supporter, "result": Capacity.LACKS_CAPACITY},
        RepresentativeEnded: {
            **supporter,
            "representative_id": an_id("parent"),
            "cause": RepresentativeEndCause.NOT_RECORDED,
        },
        ConsentVaried: {
            **supporter,
            "consent_id": an_id("consent"),
            "methods": (),
            "info_version": 1,
            "valid_until": REVIEW,
            "checked_at": NOW,
        },
        EntryCorrected: {"entry": an_id("entry"), "entry_version": 2},
        ParticipantsNoted: {"participants": SIDES},
    }
    return kind.model_validate(fields[kind])


def test_a_clearance_is_told_with_the_moment_at_which_it_was_decided() -> None:
    cleared = ActivityCleared(
        clearance_id=CLEARANCE,
        activity_id=ActivityId(MEETING),
        method=Method.VIDEO,
        attendees=BOTH,
        consents=(),
        usable_until=NOW + timedelta(minutes=2),
    )
    given(ACCEPTANCE).when(of_consent(cleared, 11)).sends(
        to_case(
            NoteClearance(
                clearance_id=CLEARANCE,
                activity_id=ActivityId(MEETING),
                method=Method.VIDEO,
                attendees=BOTH,
                cleared_at=NOW,
                consent_version=11,
            )
        )
    )


def test_other_words_of_consent_are_not_told() -> None:
    found = CapacityRecorded(participant_id=VICTIM.participant_id, result=Capacity.HAS_CAPACITY)
    given(ACCEPTANCE).when(of_consent(found, 4)).sends()


def test_referral_and_consent_are_followed_and_not_the_case_itself() -> None:
    assert of_case(f"referral-{CASE}") == of_case(f"consent-{CASE}") == CASE
    assert of_case(f"facilitation-{CASE}") is None
