"""A case takes note of whatever it is told, and ends at once what may not go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.common import CaseClosureNoted, CaseHoldNoted, ParticipantsNoted
from contracts.envelope import Event
from contracts.facilitation.aftercare import (
    ConcernKind,
    OnwardDuty,
    SafetyConcernRaised,
    Severity,
)
from contracts.facilitation.exchange import (
    Direction,
    LetterDelivered,
    LetterStopped,
    LetterStopReason,
)
from contracts.facilitation.ids import ConcernId
from contracts.facilitation.meeting import (
    CancelledBy,
    CancelReason,
    MeetingCancelled,
    MeetingStopped,
    StopReason,
)
from contracts.facilitation.noted import ConsentWithdrawalNoted
from contracts.fields import Moment, Role
from contracts.terms import ActivityId, Method, Participant, ParticipantRole, YesEnded
from kernel.testing.spec import HUB, NOW, an_id, by, new_id
from services.facilitation.domain.case.decide import CASE
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
from services.facilitation.domain.case.parts import LetterStanding, MeetingStanding
from tests.unit.facilitation.casework import (
    BOTH,
    CLEARANCE,
    FACE_TO_FACE,
    HELD,
    LETTER,
    MEETING,
    OFFENDER,
    SCHOOL,
    STARTS,
    SUPPORTER,
    VICTIM,
    WRITTEN,
    assigned,
    cleared,
    given,
    loss,
    on_its_way,
    opened,
    over,
    quorum,
    ready,
    running,
    scheduled,
    someone,
    started,
)

PARENT = someone("parent", ParticipantRole.REPRESENTATIVE)
SECOND_VICTIM = someone("second victim", ParticipantRole.VICTIM)
STOPPED = MeetingStopped(
    meeting_id=MEETING, method=FACE_TO_FACE, reason=StopReason.CONSENT_WITHDRAWN
)


def lose(method: Method = FACE_TO_FACE, version: int = 9) -> NoteConsentLoss:
    return NoteConsentLoss(method=method, participants=BOTH, consent_version=version)


def no(
    who: Participant = VICTIM,
    *methods: Method,
    at: Moment = STARTS + timedelta(minutes=10),
    version: int = 9,
    also_ends: tuple[YesEnded, ...] = (),
) -> NoteWithdrawal:
    return NoteWithdrawal(
        participant_id=who.participant_id,
        methods=methods or (FACE_TO_FACE,),
        withdrawn_at=at,
        consent_version=version,
        also_ends=also_ends,
    )


def noted(command: NoteWithdrawal) -> ConsentWithdrawalNoted:
    return ConsentWithdrawalNoted(**command.model_dump(exclude={"happened_at"}))


def of_parent(*methods: Method, **fields: Any) -> NoteWithdrawal:
    """A parent, who is not there, takes back what the supporter's own yes rests on."""
    ends = YesEnded(participant_id=SUPPORTER.participant_id, methods=methods or (FACE_TO_FACE,))
    return no(PARENT, also_ends=(ends,), **fields)


def cancelled(reason: CancelReason) -> MeetingCancelled:
    return MeetingCancelled(
        meeting_id=MEETING,
        method=FACE_TO_FACE,
        reason=reason,
        cancelled_by=CancelledBy.SYSTEM,
    )


def letter_stopped(reason: LetterStopReason) -> LetterStopped:
    return LetterStopped(letter_id=WRITTEN, method=LETTER, reason=reason)


def test_a_case_opens_with_what_was_accepted() -> None:
    command = OpenFacilitation(**opened().model_dump())
    given().by(Role.SYSTEM).when(command).then(opened())
    assert CASE.opens == (OpenFacilitation,)


def test_a_case_is_seen_by_who_asked_who_answers_and_whose_facilitators_work_on_it() -> None:
    elsewhere = assigned().model_copy(update={"organisation": an_id("provider")})
    case = given(opened(), elsewhere).state()
    assert CASE.controller(case) == HUB
    assert CASE.seen_by(case) == {HUB, SCHOOL, an_id("provider")}
    assert CASE.controller(CASE.initial) is None
    assert CASE.seen_by(CASE.initial) == set()


def test_a_case_notes_who_is_in_it() -> None:
    after = given(opened()).when(NoteParticipants(participants=(VICTIM,)))
    after.then(ParticipantsNoted(participants=(VICTIM,)))
    assert after.state().participants == (VICTIM,)


@pytest.mark.rule("FAC-90")
def test_a_case_notes_a_quorum_per_method() -> None:
    command = NoteConsentQuorum(method=Method.VIDEO, participants=BOTH, consent_version=6)
    after = given(opened(), quorum(version=5)).when(command)
    after.then(quorum(Method.VIDEO, version=6))
    assert after.state().quorum == {FACE_TO_FACE: BOTH, Method.VIDEO: BOTH}


@pytest.mark.rule("FAC-90")
def test_a_loss_is_noted_although_there_was_nothing_to_lose() -> None:
    given(opened()).when(lose(version=4)).then(loss(version=4))


def test_a_loss_ends_the_quorum_of_its_method_only() -> None:
    case = given(
        opened(), quorum(version=5), quorum(Method.VIDEO, version=6), loss(version=8)
    ).state()
    assert case.quorum == {Method.VIDEO: BOTH}
    assert case.consent_version == 8


@pytest.mark.rule("FAC-90")
def test_what_consent_said_earlier_changes_nothing_when_it_is_noted_later() -> None:
    command = NoteConsentQuorum(method=FACE_TO_FACE, participants=BOTH, consent_version=5)
    late = given(opened(), quorum(version=3), loss(version=7)).when(command)
    late.then(quorum(version=5))
    assert late.state().quorum == {}
    still = given(*ready(scheduled())).when(lose(version=4))
    still.then(loss(version=4))
    assert still.state().quorum == {FACE_TO_FACE: BOTH}


@pytest.mark.rule("FAC-90")
def test_a_hold_that_was_ended_is_not_noted_again_by_what_came_before() -> None:
    def hold(version: int, *, on: bool) -> CaseHoldNoted:
        return CaseHoldNoted(on_hold=on, referral_version=version)

    given(opened()).when(NoteCaseHold(on_hold=True, referral_version=4)).then(hold(4, on=True))
    assert given(opened(), hold(4, on=True)).state().on_hold
    assert not given(opened(), hold(4, on=True), hold(5, on=False)).state().on_hold
    assert not given(opened(), hold(5, on=False), hold(4, on=True)).state().on_hold


@pytest.mark.rule("FAC-91")
def test_a_loss_cancels_a_meeting_by_its_method_in_the_same_commit() -> None:
    after = given(*ready(scheduled())).when(lose())
    after.then(loss(), cancelled(CancelReason.CONSENT_LOST))
    assert after.state().meetings[MEETING].standing is MeetingStanding.CANCELLED


@pytest.mark.rule("FAC-91")
def test_a_loss_stops_a_running_meeting_by_its_method_in_the_same_commit() -> None:
    after = given(*running()).when(lose())
    after.then(loss(), STOPPED)
    assert after.state().running == ()


@pytest.mark.rule("FAC-91")
def test_a_loss_stops_a_letter_that_was_not_delivered() -> None:
    after = given(*on_its_way()).when(lose(LETTER))
    after.then(loss(LETTER), letter_stopped(LetterStopReason.CONSENT_LOST))
    assert after.state().letters[WRITTEN].standing is LetterStanding.STOPPED
    given(*on_its_way(), loss(LETTER), letter_stopped(LetterStopReason.CONSENT_LOST)).when(
        lose(LETTER, 12)
    ).then(loss(LETTER, 12))


@pytest.mark.rule("FAC-91")
def test_a_loss_leaves_alone_what_goes_by_another_method_or_is_over() -> None:
    given(*ready(scheduled())).when(lose(LETTER)).then(loss(LETTER))
    given(*running()).when(lose(Method.VIDEO)).then(loss(Method.VIDEO))
    given(*over()).when(lose()).then(loss())


@pytest.mark.rule("FAC-92")
def test_a_no_stops_the_meeting_that_the_person_attends() -> None:
    given(*running()).when(no()).then(noted(no()), STOPPED)
    given(*running()).when(no(VICTIM, LETTER)).then(noted(no(VICTIM, LETTER)))


@pytest.mark.rule("FAC-92")
def test_a_no_of_a_supporter_stops_the_meeting_only_if_they_are_there() -> None:
    there = ready(scheduled(), cleared(), started(FACE_TO_FACE, VICTIM, OFFENDER, SUPPORTER))
    given(*there).when(no(SUPPORTER)).then(noted(no(SUPPORTER)), STOPPED)
    given(*running()).when(no(SUPPORTER)).then(noted(no(SUPPORTER)))


@pytest.mark.rule("FAC-92")
def test_a_representatives_no_stops_the_meeting_that_the_child_attends() -> None:
    there = ready(scheduled(), cleared(), started(FACE_TO_FACE, VICTIM, OFFENDER, SUPPORTER))
    given(*there).when(of_parent()).then(noted(of_parent()), STOPPED)
    given(*there).when(of_parent(LETTER)).then(noted(of_parent(LETTER)))
    given(*running()).when(of_parent()).then(noted(of_parent()))


@pytest.mark.rule("FAC-92")
def test_a_no_and_the_loss_that_it_brings_stop_a_meeting_once() -> None:
    given(*running(noted(no()), STOPPED)).when(lose(version=10)).then(loss(version=10))


@pytest.mark.rule("FAC-93")
@pytest.mark.parametrize("events", [running(), over()], ids=["running", "over"])
def test_a_withdrawal_learnt_late_is_a_high_concern(events: tuple[Event, ...]) -> None:
    late = no(at=STARTS - timedelta(minutes=1))
    system = by(Role.SYSTEM)
    decided = given(*events).by(system).when(late).accepted()
    assert decided[0] == noted(late)
    assert decided[-1] == SafetyConcernRaised(
        concern_id=ConcernId(new_id(f"concern {MEETING}")),
        severity=Severity.HIGH,
        kind=ConcernKind.WITHDRAWAL_LEARNT_LATE,
        onward_duty=OnwardDuty.SUPERVISOR,
        raised_by=system.id,
        activity_id=ActivityId(MEETING),
    )


@pytest.mark.rule("FAC-93")
def test_a_representatives_withdrawal_learnt_late_is_a_concern_for_what_the_child_attended() -> (
    None
):
    there = started(FACE_TO_FACE, VICTIM, OFFENDER, SUPPORTER)
    events = ready(scheduled(), cleared(), there, HELD)
    late = of_parent(at=STARTS - timedelta(minutes=1))
    decided = given(*events).by(by(Role.SYSTEM)).when(late).accepted()
    assert [type(one) for one in decided] == [ConsentWithdrawalNoted, SafetyConcernRaised]
    given(*over()).when(late).then(noted(late))


def between_three(*more: Event) -> tuple[Event, ...]:
    """A letter that goes to one of two victims, who both have to consent to letters."""
    people = (VICTIM, OFFENDER, SECOND_VICTIM)
    both = (OFFENDER.participant_id, VICTIM.participant_id)
    handed_over = LetterDelivered(
        letter_id=WRITTEN,
        method=LETTER,
        direction=Direction.TO_HARMED,
        attendees=both,
        cleared_by=CLEARANCE,
        risk_version=2,
    )
    agreed = (opened(*people), quorum(LETTER, *people))
    return (*agreed, *on_its_way()[2:], cleared(WRITTEN, LETTER, both), handed_over, *more)


@pytest.mark.rule("FAC-93")
def test_a_withdrawal_learnt_late_counts_of_whoever_had_to_consent_also_for_others_letters() -> (
    None
):
    late = no(SECOND_VICTIM, LETTER, at=STARTS - timedelta(minutes=1), version=10)
    for events in (between_three(), between_three(loss(LETTER))):
        decided = given(*events).when(late).accepted()
        assert [type(one) for one in decided] == [ConsentWithdrawalNoted, SafetyConcernRaised]
    timely = no(SECOND_VICTIM, LETTER, at=STARTS, version=10)
    given(*between_three()).when(timely).then(noted(timely))


@pytest.mark.rule("FAC-93")
def test_a_withdrawal_of_somebody_who_joined_later_is_no_concern_for_what_was_before() -> None:
    events = on_its_way(cleared(WRITTEN, LETTER, BOTH), *between_three()[-1:])
    joined = quorum(LETTER, VICTIM, OFFENDER, SECOND_VICTIM, version=8)
    late = no(SECOND_VICTIM, LETTER, at=STARTS - timedelta(minutes=1))
    given(*events, joined).when(late).then(noted(late))


@pytest.mark.rule("FAC-93")
def test_a_withdrawal_from_after_the_clearance_is_no_concern() -> None:
    given(*over()).when(no(at=STARTS)).then(noted(no(at=STARTS)))
    other = no(SUPPORTER, at=NOW)
    given(*over()).when(other).then(noted(other))
    by_letter = no(VICTIM, LETTER, at=NOW)
    given(*over()).when(by_letter).then(noted(by_letter))


@pytest.mark.rule("FAC-93")
def test_a_withdrawal_recorded_before_the_clearance_was_known_to_it() -> None:
    known = no(at=NOW, version=6)
    given(*over()).when(known).then(noted(known))


@pytest.mark.rule("FAC-94")
def test_a_closure_cancels_stops_and_holds_back() -> None:
    close = NoteCaseClosure(referral_version=8)
    closed = CaseClosureNoted(referral_version=8)
    given(*ready(scheduled())).when(close).then(closed, cancelled(CancelReason.CASE_CLOSED))
    given(*running()).when(close).then(
        closed,
        MeetingStopped(meeting_id=MEETING, method=FACE_TO_FACE, reason=StopReason.CASE_CLOSED),
    )
    given(*on_its_way()).when(close).then(closed, letter_stopped(LetterStopReason.CASE_CLOSED))
    given(*over()).when(close).then(closed)


@pytest.mark.rule("FAC-90")
def test_a_clearance_is_noted() -> None:
    command = NoteClearance(**cleared().model_dump())
    after = given(*ready(scheduled())).when(command)
    after.then(cleared())
    assert after.state().consent_version == 7
    assert OFFENDER.participant_id in after.state().clearances[cleared().clearance_id].attendees
