"""A meeting is arranged only when all is ready for it, and what becomes of it is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.common import CaseHoldNoted, ParticipantsNoted
from contracts.envelope import Event
from contracts.facilitation.ids import MeetingId, VenueRef
from contracts.facilitation.meeting import (
    CancelledBy,
    CancelReason,
    MeetingCancelled,
    MeetingHeld,
    MeetingNotHeld,
    MeetingRescheduled,
    MeetingStopped,
    NotHeldReason,
    StopReason,
)
from contracts.facilitation.preparation import (
    DirectBar,
    EscalationReason,
    MethodAgreed,
    PreparationMeetingHeld,
    Readiness,
    ResponsibilityRecorded,
    RiskAssessed,
    RiskEscalated,
    VenueApproved,
)
from contracts.facilitation.team import (
    FacilitatorAssigned,
    ReservationSettled,
    TeamPart,
)
from contracts.fields import Role
from contracts.referral import Complexity
from contracts.terms import Level, Method
from kernel.testing.spec import NOW, an_id
from services.facilitation.domain.case.meeting.commands import (
    CancelMeeting,
    RecordMeetingHeld,
    RecordMeetingNotHeld,
    RescheduleReserved,
    ScheduleReserved,
    StopMeeting,
)
from services.facilitation.domain.case.parts import MeetingStanding
from tests.unit.facilitation.casework import (
    BOTH,
    CO,
    DAY,
    ENDS,
    FACE_TO_FACE,
    HALL,
    HELD,
    LEAD,
    LETTER,
    MEETING,
    OFFENDER,
    SIDES,
    STARTS,
    SUPPORTER,
    VENUE,
    VICTIM,
    assessed,
    assigned,
    booking,
    given,
    ids,
    loss,
    method_agreed,
    opened,
    over,
    prepared,
    quorum,
    ready,
    running,
    scheduled,
    someone,
    without,
)

CO_ASSIGNED = assigned(CO, TeamPart.CO)
CO_BOOKING = booking(CO, TeamPart.CO)
CANCELLED = MeetingCancelled(
    meeting_id=MEETING,
    method=FACE_TO_FACE,
    reason=CancelReason.VENUE_UNAVAILABLE,
    cancelled_by=CancelledBy.HUB,
)
STOPPED = MeetingStopped(meeting_id=MEETING, method=FACE_TO_FACE, reason=StopReason.DISTRESS)
NOT_HELD = MeetingNotHeld(
    meeting_id=MEETING, method=FACE_TO_FACE, reason=NotHeldReason.PARTICIPANT_ABSENT
)
CANCEL = CancelMeeting(
    meeting_id=MEETING, reason=CancelReason.VENUE_UNAVAILABLE, cancelled_by=CancelledBy.HUB
)
HOLD = RecordMeetingHeld(meeting_id=MEETING, attendance=BOTH, minutes=90)
STOP = StopMeeting(meeting_id=MEETING, reason=StopReason.DISTRESS)
MISS = RecordMeetingNotHeld(meeting_id=MEETING, reason=NotHeldReason.PARTICIPANT_ABSENT)
ON_HOLD = CaseHoldNoted(on_hold=True, referral_version=9)


def schedule(**fields: Any) -> ScheduleReserved:
    values: dict[str, Any] = {
        "meeting_id": MEETING,
        "method": FACE_TO_FACE,
        "starts_at": STARTS,
        "ends_at": ENDS,
        "venue_ref": HALL,
        "attendees": BOTH,
        "bookings": (booking(),),
    }
    return ScheduleReserved(**values | fields)


def move(**fields: Any) -> RescheduleReserved:
    values: dict[str, Any] = {
        "meeting_id": MEETING,
        "starts_at": STARTS + DAY,
        "ends_at": ENDS + DAY,
        "bookings": (booking(),),
    }
    return RescheduleReserved(**values | fields)


VENUE_FIELDS = VENUE.model_dump()


def moved(**fields: Any) -> MeetingRescheduled:
    return MeetingRescheduled(**scheduled().model_dump() | fields)


def refuse(events: tuple[Event, ...], *rules: str, **fields: Any) -> None:
    """Neither arranged nor moved, for the same reasons."""
    given(*events).by(Role.FACILITATOR).when(schedule(**fields)).refused_by(*rules)
    before = given(*events, scheduled(fields.pop("method", FACE_TO_FACE))).by(Role.FACILITATOR)
    before.when(move(**fields)).refused_by(*rules)


class TestDate:
    def test_is_set_when_all_is_ready(self) -> None:
        given(*ready()).by(Role.FACILITATOR).when(schedule()).then(scheduled())

    def test_names_the_consent_and_the_risk_that_it_rests_on(self) -> None:
        events = ready(quorum(Method.VIDEO, version=8), assessed(3))
        decided = given(*events).by(Role.FACILITATOR).when(schedule())
        decided.then(scheduled(consent_version=8, risk_version=3))

    def test_is_moved_to_another_date_place_and_people(self) -> None:
        school = VenueRef(an_id("school hall"))
        events = ready(
            scheduled(),
            VenueApproved(**VENUE_FIELDS | {"venue_ref": school}),
            ParticipantsNoted(participants=(*SIDES, SUPPORTER)),
            prepared(SUPPORTER),
        )
        case = given(*events).by(Role.FACILITATOR)
        case.when(move()).then(moved(starts_at=STARTS + DAY, ends_at=ENDS + DAY))
        everybody = ids(*SIDES, SUPPORTER)
        elsewhere = {"venue_ref": school, "attendees": everybody}
        after = case.when(move(**elsewhere))
        after.then(moved(starts_at=STARTS + DAY, ends_at=ENDS + DAY, **elsewhere))
        assert after.state().meetings[MEETING].starts_at == STARTS + DAY

    @pytest.mark.rule("FAC-03")
    def test_waits_while_the_case_is_on_hold(self) -> None:
        refuse(ready(ON_HOLD), "FAC-03")

    @pytest.mark.rule("FAC-04")
    def test_is_set_by_the_team(self) -> None:
        given(*ready()).by(Role.SUPERVISOR).when(schedule()).refused_by("FAC-04")

    @pytest.mark.rule("FAC-05")
    @pytest.mark.rule("FAC-31")
    def test_is_for_people_in_the_case(self) -> None:
        refuse(ready(), "FAC-05", "FAC-31", attendees=(*BOTH, SUPPORTER.participant_id))

    @pytest.mark.rule("FAC-20")
    @pytest.mark.rule("FAC-28")
    def test_is_not_set_without_everybodys_consent(self) -> None:
        refuse(ready(loss()), "FAC-20", "FAC-28")
        refuse(ready(loss(), quorum(version=11)), "FAC-28")
        refuse(ready(loss(), quorum(version=11), method_agreed()), "FAC-29")
        again = ready(loss(), quorum(version=11), method_agreed(), assessed(3))
        given(*again).by(Role.FACILITATOR).when(schedule()).accepted()

    @pytest.mark.rule("FAC-21")
    def test_is_not_set_without_responsibility(self) -> None:
        refuse(without(ready(), ResponsibilityRecorded), "FAC-21")

    @pytest.mark.rule("FAC-22")
    def test_is_not_set_while_people_must_not_meet(self) -> None:
        refuse(ready(assessed(3, bars=(DirectBar.LICENCE_CONDITION,))), "FAC-22")

    @pytest.mark.rule("FAC-23")
    def test_is_not_set_on_a_risk_that_nobody_knows(self) -> None:
        refuse(ready(RiskEscalated(reason=EscalationReason.HEALTH, risk_version=2)), "FAC-23")
        late = given(*ready()).by(Role.FACILITATOR).at(NOW + 28 * DAY)
        later = {"starts_at": STARTS + 28 * DAY, "ends_at": ENDS + 28 * DAY}
        late.when(schedule(**later)).refused_by("FAC-23")

    @pytest.mark.rule("FAC-28")
    def test_is_not_set_before_the_method_is_agreed(self) -> None:
        refuse(without(ready(), MethodAgreed), "FAC-28")

    @pytest.mark.rule("FAC-29")
    def test_needs_the_risk_looked_at_again_after_the_method_was_agreed(self) -> None:
        events = without(ready(), RiskAssessed)
        before = (*events[:6], assessed(1), *events[6:])
        refuse(before, "FAC-29")
        refuse((*before, assessed(2), method_agreed()), "FAC-29")

    @pytest.mark.rule("FAC-30")
    def test_needs_a_lead(self) -> None:
        alone = (*without(ready(), FacilitatorAssigned), assigned(part=TeamPart.CO))
        refuse(alone, "FAC-30", bookings=(booking(part=TeamPart.CO),))

    @pytest.mark.rule("FAC-31")
    def test_needs_everybody_prepared_and_ready(self) -> None:
        others = without(ready(), PreparationMeetingHeld)
        refuse((*others, prepared(VICTIM)), "FAC-31")
        refuse(ready(prepared(OFFENDER, Readiness.NOT_YET)), "FAC-31")
        refuse(ready(prepared(VICTIM, Readiness.UNSUITABLE)), "FAC-31")
        at_last = ready(prepared(VICTIM, Readiness.NOT_YET), prepared(VICTIM))
        given(*at_last).by(Role.FACILITATOR).when(schedule()).accepted()

    @pytest.mark.rule("FAC-31")
    @pytest.mark.rule("FAC-32")
    def test_of_a_complex_case_needs_more(self) -> None:
        is_complex = opened(complexity=Complexity.SENSITIVE_AND_COMPLEX)
        events = (is_complex, *ready()[1:])
        refuse(events, "FAC-31", "FAC-32", "FAC-45", bookings=())
        twice = (*events, prepared(VICTIM), prepared(OFFENDER))
        refuse(twice, "FAC-32")
        refuse((*twice, CO_ASSIGNED), "FAC-45")
        novice = assigned(CO, TeamPart.CO, Level.FOUNDATION)
        refuse((*twice, novice), "FAC-32", bookings=(booking(), CO_BOOKING))
        case = given(*twice, CO_ASSIGNED).by(Role.FACILITATOR)
        case.when(schedule(bookings=(booking(), CO_BOOKING))).accepted()

    @pytest.mark.rule("FAC-32")
    def test_with_more_than_four_people_needs_a_co_facilitator(self) -> None:
        more = tuple(someone(f"supporter {n}", SUPPORTER.role) for n in range(3))
        people = (*SIDES, *more)
        noted = ParticipantsNoted(participants=people)
        events = ready(noted, *(prepared(one) for one in more))
        four, five = ids(*people[:4]), ids(*people)
        given(*events).by(Role.FACILITATOR).when(schedule(attendees=four)).accepted()
        refuse(events, "FAC-32", attendees=five)
        case = given(*events, assigned(CO, TeamPart.CO, Level.FOUNDATION)).by(Role.FACILITATOR)
        case.when(schedule(attendees=five, bookings=(booking(), CO_BOOKING))).accepted()

    @pytest.mark.rule("FAC-33")
    def test_leaves_nobody_out_who_has_to_consent(self) -> None:
        refuse(ready(), "FAC-33", attendees=ids(VICTIM))

    @pytest.mark.rule("FAC-40")
    def test_is_for_a_direct_method(self) -> None:
        refuse(ready(method=LETTER), "FAC-40", method=LETTER)

    @pytest.mark.rule("FAC-41")
    def test_ends_after_it_starts(self) -> None:
        refuse(ready(), "FAC-41", starts_at=STARTS, ends_at=STARTS)

    @pytest.mark.rule("FAC-42")
    def test_gives_48_hours_notice(self) -> None:
        soon = NOW + timedelta(hours=48)
        refuse(ready(), "FAC-42", starts_at=soon - timedelta(seconds=1))
        given(*ready()).by(Role.FACILITATOR).when(schedule(starts_at=soon)).accepted()

    @pytest.mark.rule("FAC-43")
    def test_is_at_a_place_that_was_approved(self) -> None:
        refuse(ready(), "FAC-43", venue_ref=VenueRef(an_id("elsewhere")))
        refuse(without(ready(), VenueApproved), "FAC-43")

    @pytest.mark.rule("FAC-44")
    def test_is_when_the_same_people_do_not_meet_already(self) -> None:
        other = MeetingId(an_id("other meeting"))
        case = given(*ready(scheduled(meeting_id=other))).by(Role.FACILITATOR)
        case.when(schedule(starts_at=ENDS - timedelta(minutes=1), ends_at=ENDS + DAY)).refused_by(
            "FAC-44"
        )
        case.when(schedule(starts_at=ENDS, ends_at=ENDS + DAY)).accepted()
        gone = CANCELLED.model_copy(update={"meeting_id": other})
        free = given(*ready(scheduled(meeting_id=other), gone)).by(Role.FACILITATOR)
        free.when(schedule()).accepted()

    @pytest.mark.rule("FAC-44")
    def test_may_move_within_its_own_time(self) -> None:
        case = given(*ready(scheduled())).by(Role.FACILITATOR)
        case.when(move(starts_at=STARTS + timedelta(minutes=30), ends_at=ENDS)).accepted()

    @pytest.mark.rule("FAC-45")
    def test_has_the_time_of_the_lead_and_of_nobody_unassigned(self) -> None:
        refuse(ready(), "FAC-45", bookings=())
        refuse(ready(), "FAC-45", bookings=(booking(), CO_BOOKING))
        with_co = given(*ready(CO_ASSIGNED)).by(Role.FACILITATOR)
        with_co.when(schedule()).accepted()
        with_co.when(schedule(bookings=(CO_BOOKING,))).refused_by("FAC-45")

    @pytest.mark.rule("FAC-10")
    def test_rests_on_reservations_that_stand(self) -> None:
        void = ReservationSettled(
            facilitator_id=LEAD, reservation_id=booking().reservation_id, in_use=False
        )
        refuse(ready(void), "FAC-10")


class TestEnd:
    def test_is_recorded(self) -> None:
        for events, command, event in (
            (ready(scheduled()), CANCEL, CANCELLED),
            (ready(scheduled()), MISS, NOT_HELD),
            (running(), HOLD, HELD),
            (running(), STOP, STOPPED),
        ):
            given(*events).by(Role.FACILITATOR).when(command).then(event)

    def test_completes_the_activity_only_when_the_meeting_was_held(self) -> None:
        held, stopped = given(*over()).state(), given(*running(STOPPED)).state()
        assert [one.completed for one in held.activities.values()] == [True]
        assert [one.completed for one in stopped.activities.values()] == [False]
        assert held.meetings[MEETING].standing is MeetingStanding.HELD

    def test_is_recorded_also_while_the_case_is_on_hold(self) -> None:
        given(*ready(scheduled(), ON_HOLD)).by(Role.FACILITATOR).when(CANCEL).accepted()
        given(*running(ON_HOLD)).by(Role.FACILITATOR).when(STOP).accepted()
        given(*running(ON_HOLD)).by(Role.FACILITATOR).when(HOLD).accepted()

    @pytest.mark.rule("FAC-04")
    def test_is_recorded_by_the_team_or_where_it_must_be_by_others(self) -> None:
        for role, may in ((Role.COORDINATOR, True), (Role.SUPERVISOR, True), (Role.OFFICER, False)):
            cancelling = given(*ready(scheduled())).by(role).when(CANCEL)
            cancelling.accepted() if may else cancelling.refused_by("FAC-04")
        given(*running()).by(Role.SUPERVISOR).when(STOP).accepted()
        given(*running()).by(Role.SUPERVISOR).when(HOLD).refused_by("FAC-04")
        given(*running()).by(Role.COORDINATOR).when(STOP).refused_by("FAC-04")
        given(*ready(scheduled())).by(Role.OFFICER).when(MISS).refused_by("FAC-04")

    @pytest.mark.rule("FAC-46")
    @pytest.mark.parametrize("events", [running(), over(), ready(scheduled(), CANCELLED)])
    def test_of_a_meeting_that_is_not_to_come_any_more(self, events: tuple[Event, ...]) -> None:
        for command in (CANCEL, MISS, move()):
            given(*events).by(Role.FACILITATOR).when(command).refused_by("FAC-46")

    @pytest.mark.rule("FAC-47")
    @pytest.mark.parametrize("events", [ready(scheduled()), over(), running(STOPPED)])
    def test_of_a_meeting_that_has_not_begun_or_is_over(self, events: tuple[Event, ...]) -> None:
        for command in (HOLD, STOP):
            given(*events).by(Role.FACILITATOR).when(command).refused_by("FAC-47")

    @pytest.mark.rule("FAC-48")
    def test_is_for_those_who_were_there(self) -> None:
        more = RecordMeetingHeld(
            meeting_id=MEETING, attendance=(*BOTH, SUPPORTER.participant_id), minutes=90
        )
        given(*running()).by(Role.FACILITATOR).when(more).refused_by("FAC-48")
        fewer = RecordMeetingHeld(meeting_id=MEETING, attendance=BOTH[:1], minutes=90)
        given(*running()).by(Role.FACILITATOR).when(fewer).then(
            MeetingHeld(meeting_id=MEETING, method=FACE_TO_FACE, attendance=BOTH[:1], minutes=90)
        )

    @pytest.mark.rule("FAC-49")
    def test_is_of_a_meeting_of_this_case(self) -> None:
        for command in (CANCEL, HOLD, STOP, MISS, move()):
            given(*ready()).by(Role.FACILITATOR).when(command).refused_by("FAC-49")
