"""Reservations are kept in step with the case, and the case with what befalls a facilitator."""

from __future__ import annotations

from datetime import timedelta

from contracts.common import CaseClosureNoted
from contracts.envelope import Event, Recorded
from contracts.facilitation.ids import ConflictId, FacilitatorId, MeetingId, ReservationId
from contracts.facilitation.meeting import (
    CancelledBy,
    CancelReason,
    MeetingCancelled,
    MeetingRescheduled,
)
from contracts.facilitation.team import (
    FacilitatorUnassigned,
    ReservationSettled,
    TeamPart,
    UnassignReason,
)
from contracts.facilitation.workforce import (
    ConflictDeclared,
    ConflictKind,
    FacilitatorReinstated,
    FacilitatorReserved,
    FacilitatorSuspended,
    ReservationConfirmed,
    ReservationPurpose,
    ReservationReleased,
    SuspensionReason,
)
from contracts.fields import CaseId
from kernel.process.policy import Send
from kernel.testing.spec import CASE, NOW, an_id, reacting, recorded
from services.facilitation.domain.case.team.commands import (
    NoteFacilitatorLoss,
    SettleReservation,
)
from services.facilitation.domain.facilitator.commands import (
    ConfirmReservation,
    ReleaseReservation,
)
from services.facilitation.policies import keep_reservations, watch_facilitators
from services.facilitation.policies.keep_reservations import KEEP_RESERVATIONS
from services.facilitation.policies.watch_facilitators import WATCH_FACILITATORS
from tests.unit.facilitation.casework import (
    CO,
    FACE_TO_FACE,
    HELD,
    LEAD,
    MEETING,
    assigned,
    booking,
    reservation,
    scheduled,
)
from tests.unit.facilitation.staff import FAY, THIS_CASE, registered, reserve, reserved

OTHER_CASE = CaseId(an_id("other case"))
LAPSES = NOW + timedelta(minutes=5)


def of_case(*events: Event) -> tuple[Recorded, ...]:
    return tuple(
        recorded(one, stream="facilitation", version=version)
        for version, one in enumerate(events, 1)
    )


def confirm(who: FacilitatorId, what: ReservationId) -> Send:
    command = ConfirmReservation(reservation_id=what)
    return Send("facilitator", who, command, f"confirm {what}")


def release(who: FacilitatorId, what: ReservationId) -> Send:
    command = ReleaseReservation(reservation_id=what)
    return Send("facilitator", who, command, f"release {what}")


class TestKeeping:
    given = staticmethod(reacting(KEEP_RESERVATIONS))
    SLOT = booking().reservation_id

    def after(self, *events: Event) -> tuple[Send, ...]:
        *before, last = of_case(*events)
        return self.given(*before).when(last).reaction.sends

    def test_an_assignment_is_confirmed_and_let_go_at_its_end(self) -> None:
        own = reservation(LEAD)
        assert self.after(assigned()) == (confirm(LEAD, own),)
        left = FacilitatorUnassigned(
            facilitator_id=LEAD,
            part=TeamPart.LEAD,
            reason=UnassignReason.OTHER,
            reservation_id=own,
        )
        assert self.after(assigned(), left) == (release(LEAD, own),)
        assert self.after(assigned(), scheduled(), left) == (
            release(LEAD, own),
            release(LEAD, self.SLOT),
        )

    def test_the_whole_team_is_let_go_when_the_case_is_closed(self) -> None:
        both = (assigned(), assigned(CO, TeamPart.CO))
        assert self.after(*both, CaseClosureNoted(referral_version=4)) == (
            release(LEAD, reservation(LEAD)),
            release(CO, reservation(CO)),
        )

    def test_the_time_of_a_meeting_is_confirmed_moved_and_let_go(self) -> None:
        assert self.after(scheduled()) == (confirm(LEAD, self.SLOT),)
        new = ReservationId(an_id("new time"))
        moved = MeetingRescheduled(
            **scheduled().model_dump()
            | {"bookings": (booking().model_copy(update={"reservation_id": new}),)}
        )
        assert self.after(scheduled(), moved) == (confirm(LEAD, new), release(LEAD, self.SLOT))
        assert self.after(scheduled(), HELD) == (release(LEAD, self.SLOT),)
        cancelled = MeetingCancelled(
            meeting_id=MEETING,
            method=FACE_TO_FACE,
            reason=CancelReason.OTHER,
            cancelled_by=CancelledBy.HUB,
        )
        assert self.after(scheduled(), moved, cancelled) == (release(LEAD, new),)
        unknown = cancelled.model_copy(update={"meeting_id": MeetingId(an_id("unknown"))})
        assert self.after(scheduled(), unknown) == ()

    def test_what_the_case_settled_is_done(self) -> None:
        for in_use, send in ((True, confirm), (False, release)):
            settled = ReservationSettled(
                facilitator_id=LEAD, reservation_id=self.SLOT, in_use=in_use
            )
            assert self.after(settled) == (send(LEAD, self.SLOT),)

    def test_only_cases_of_facilitation_are_followed(self) -> None:
        assert keep_reservations.of_case(f"facilitation-{CASE}") == CASE
        assert keep_reservations.of_case(f"facilitator-{CASE}") is None


def of_fay(*events: Event) -> tuple[Recorded, ...]:
    return tuple(
        recorded(one, stream=f"facilitator-{FAY}", version=version)
        for version, one in enumerate((registered(), *events), 1)
    )


def in_team(name: str = "place", case: CaseId = THIS_CASE) -> FacilitatorReserved:
    return reserved(reserve(reservation_id=ReservationId(an_id(name)), case_id=case))


def lost(name: str, reason: UnassignReason, case: CaseId = THIS_CASE) -> Send:
    what = ReservationId(an_id(name))
    command = NoteFacilitatorLoss(facilitator_id=FAY, reservation_id=what, reason=reason)
    return Send("facilitation", case, command, f"lost {what}")


class TestWatching:
    given = staticmethod(reacting(WATCH_FACILITATORS))
    SUSPENDED = FacilitatorSuspended(reason=SuspensionReason.PRACTICE)

    def test_a_suspension_is_told_to_every_case(self) -> None:
        *before, last = of_fay(in_team("here"), in_team("there", OTHER_CASE), self.SUSPENDED)
        self.given(*before).when(last).sends(
            lost("here", UnassignReason.SUSPENDED),
            lost("there", UnassignReason.SUSPENDED, OTHER_CASE),
        )

    def test_a_conflict_is_told_to_its_case(self) -> None:
        conflict = ConflictDeclared(
            conflict_id=ConflictId(an_id("conflict")),
            case_id=OTHER_CASE,
            kind=ConflictKind.EARLIER_ROLE,
        )
        *before, last = of_fay(in_team("here"), in_team("there", OTHER_CASE), conflict)
        self.given(*before).when(last).sends(lost("there", UnassignReason.CONFLICT, OTHER_CASE))

    def test_a_case_that_they_left_is_told_nothing(self) -> None:
        gone = ReservationReleased(reservation_id=in_team().reservation_id)
        *before, last = of_fay(in_team(), gone, self.SUSPENDED)
        self.given(*before).when(last).sends()

    def test_time_that_is_reserved_is_not_a_place_in_a_team(self) -> None:
        slot = in_team().model_copy(update={"purpose": ReservationPurpose.SLOT})
        *before, last = of_fay(slot, self.SUSPENDED)
        self.given(*before).when(last).sends()

    def test_a_reservation_is_settled_by_its_case_if_nobody_confirms_it(self) -> None:
        place = in_team()
        name = str(place.reservation_id)
        events = of_fay(place)
        self.given(*events[:-1]).when(events[-1]).sends().arms({name: LAPSES})
        settle = SettleReservation(facilitator_id=FAY, reservation_id=place.reservation_id)
        self.given(*events).when_due(name).sends(Send("facilitation", CASE, settle))

    def test_a_reservation_that_is_confirmed_or_let_go_is_not_asked_about(self) -> None:
        place = in_team()
        for end in (
            ReservationConfirmed(reservation_id=place.reservation_id),
            ReservationReleased(reservation_id=place.reservation_id),
        ):
            *before, last = of_fay(place, end)
            self.given(*before).when(last).sends().arms({})

    def test_nothing_else_is_told(self) -> None:
        *before, last = of_fay(in_team(), FacilitatorReinstated())
        self.given(*before).when(last).sends()

    def test_only_facilitators_are_followed(self) -> None:
        assert watch_facilitators.of_facilitator(f"facilitator-{FAY}") == FAY
        assert watch_facilitators.of_facilitator(f"provider-{FAY}") is None
