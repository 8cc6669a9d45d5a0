"""What the case records is confirmed in the facilitators' own streams; what it ends is let go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from contracts.common import CaseClosureNoted
from contracts.envelope import Recorded, Topic, subject_of
from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.facilitation.meeting import (
    Booking,
    MeetingCancelled,
    MeetingHeld,
    MeetingNotHeld,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStopped,
)
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    ReservationSettled,
)
from kernel.decider import State
from kernel.process.policy import Policy, Reaction, Send
from services.facilitation.domain.facilitator.commands import (
    ConfirmReservation,
    ReleaseReservation,
)
from services.facilitation.domain.facilitator.decide import FACILITATOR


class Booked(State):
    """Who is reserved for the team, and whose time for which meeting that is not over."""

    team: Mapping[str, ReservationId] = {}
    meetings: Mapping[str, tuple[Booking, ...]] = {}

    def of(self, meeting_id: UUID) -> tuple[Booking, ...]:
        """The bookings of a meeting."""
        return self.meetings.get(str(meeting_id), ())

    def with_meeting(self, meeting_id: UUID, bookings: tuple[Booking, ...]) -> Booked:
        """The same with the bookings of a meeting; none for none."""
        others = {one: kept for one, kept in self.meetings.items() if one != str(meeting_id)}
        after = {**others, str(meeting_id): bookings} if bookings else others
        return self.model_copy(update={"meetings": after})

    def joined(self, facilitator_id: FacilitatorId, reservation_id: ReservationId) -> Booked:
        """The same with somebody in the team."""
        team = {**self.team, str(facilitator_id): reservation_id}
        return self.model_copy(update={"team": team})

    def without(self, facilitator_id: FacilitatorId) -> Booked:
        """The same without somebody who left."""
        kept = {
            meeting: tuple(one for one in bookings if one.facilitator_id != facilitator_id)
            for meeting, bookings in self.meetings.items()
        }
        team = {one: id_ for one, id_ in self.team.items() if one != str(facilitator_id)}
        meetings = {one: bookings for one, bookings in kept.items() if bookings}
        return Booked(team=team, meetings=meetings)

    def slots(self, facilitator_id: FacilitatorId) -> Iterator[Booking]:
        """All the time of one facilitator."""
        for bookings in self.meetings.values():
            yield from (one for one in bookings if one.facilitator_id == facilitator_id)


def react(state: Booked, one: Recorded) -> Reaction[Booked]:
    """Everything that begins or ends the use of a reservation."""
    match one.event:
        case FacilitatorAssigned() as event:
            return _joined(state, event)
        case FacilitatorUnassigned() as event:
            return _left(state, event)
        case ReservationSettled() as event:
            keep = _confirm if event.in_use else _release
            return Reaction(state, (keep(event.facilitator_id, event.reservation_id),))
        case MeetingScheduled() | MeetingRescheduled() as event:
            return _planned(state, event)
        case MeetingCancelled() | MeetingNotHeld() | MeetingHeld() | MeetingStopped() as event:
            after = state.with_meeting(event.meeting_id, ())
            return Reaction(after, _releases(state.of(event.meeting_id)))
        case CaseClosureNoted():
            team = (_release(FacilitatorId(UUID(one)), id_) for one, id_ in state.team.items())
            return Reaction(state.model_copy(update={"team": {}}), tuple(team))
        case _:
            return Reaction(state)


def of_case(stream: str) -> UUID | None:
    """What a case of this service records."""
    return subject_of(stream) if stream.startswith("facilitation-") else None


def _joined(state: Booked, event: FacilitatorAssigned) -> Reaction[Booked]:
    after = state.joined(event.facilitator_id, event.reservation_id)
    return Reaction(after, (_confirm(event.facilitator_id, event.reservation_id),))


def _left(state: Booked, event: FacilitatorUnassigned) -> Reaction[Booked]:
    slots = _releases(state.slots(event.facilitator_id))
    own = _release(event.facilitator_id, event.reservation_id)
    return Reaction(state.without(event.facilitator_id), (own, *slots))


def _planned(state: Booked, event: MeetingScheduled | MeetingRescheduled) -> Reaction[Booked]:
    after = state.with_meeting(event.meeting_id, event.bookings)
    confirms = (_confirm(one.facilitator_id, one.reservation_id) for one in event.bookings)
    return Reaction(after, (*confirms, *_releases(state.of(event.meeting_id))))


def _releases(bookings: Iterable[Booking]) -> tuple[Send, ...]:
    return tuple(_release(one.facilitator_id, one.reservation_id) for one in bookings)


def _confirm(facilitator_id: FacilitatorId, reservation_id: ReservationId) -> Send:
    command = ConfirmReservation(reservation_id=reservation_id)
    return Send(FACILITATOR.category, facilitator_id, command, f"confirm {reservation_id}")


def _release(facilitator_id: FacilitatorId, reservation_id: ReservationId) -> Send:
    command = ReleaseReservation(reservation_id=reservation_id)
    return Send(FACILITATOR.category, facilitator_id, command, f"release {reservation_id}")


KEEP_RESERVATIONS = Policy(
    name="facilitation_keeps_reservations",
    topics=(Topic.CASE,),
    initial=Booked(),
    react=react,
    gives={FACILITATOR.category: (ConfirmReservation, ReleaseReservation)},
    key=of_case,
)
