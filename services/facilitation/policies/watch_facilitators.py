"""A case is told when a facilitator may not work on it, and asked about what it did not confirm.

A reservation that nobody confirms is settled by the case, never by time alone: its commit decides
whether the reservation is in use, so that neither can be right without the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from contracts.envelope import Recorded, Topic, subject_of
from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.facilitation.team import UnassignReason
from contracts.facilitation.workforce import (
    ConflictDeclared,
    FacilitatorRegistered,
    FacilitatorReserved,
    FacilitatorSuspended,
    ReservationConfirmed,
    ReservationPurpose,
    ReservationReleased,
)
from contracts.fields import CaseId
from kernel.decider import State
from kernel.process.policy import Policy, Reaction, Send
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.case.team.commands import (
    NoteFacilitatorLoss,
    SettleReservation,
)


class Place(State):
    """A case that a facilitator is reserved for, and whether for its team."""

    case_id: CaseId
    in_team: bool


class Watched(State):
    """A facilitator, and the reservations that stand."""

    facilitator_id: FacilitatorId | None = None
    places: Mapping[str, Place] = {}

    def but(self, **changes: object) -> Watched:
        """The same with changes."""
        return self.model_copy(update=changes)


def react(state: Watched, one: Recorded) -> Reaction[Watched]:
    """Everything in a facilitator's record that a case has to know."""
    match one.event:
        case FacilitatorRegistered() as event:
            return Reaction(state.but(facilitator_id=event.facilitator_id))
        case FacilitatorReserved() as event:
            return _reserved(state, event)
        case ReservationConfirmed() as event:
            return Reaction(state, timers={str(event.reservation_id): None})
        case ReservationReleased() as event:
            return _released(state, event)
        case FacilitatorSuspended():
            return Reaction(state, tuple(_losses(state, UnassignReason.SUSPENDED)))
        case ConflictDeclared() as event:
            return Reaction(state, tuple(_losses(state, UnassignReason.CONFLICT, event.case_id)))
        case _:
            return Reaction(state)


def on_timer(state: Watched, timer: str) -> Reaction[Watched]:
    """A reservation was not confirmed in time: its case says whether it is in use."""
    place = state.places.get(timer)
    if place is None or state.facilitator_id is None:
        return Reaction(state)
    command = SettleReservation(
        facilitator_id=state.facilitator_id, reservation_id=ReservationId(UUID(timer))
    )
    return Reaction(state, (Send(CASE.category, place.case_id, command),))


def of_facilitator(stream: str) -> UUID | None:
    """The record of one facilitator."""
    return subject_of(stream) if stream.startswith("facilitator-") else None


def _reserved(state: Watched, event: FacilitatorReserved) -> Reaction[Watched]:
    in_team = event.purpose is ReservationPurpose.ASSIGNMENT
    place = Place(case_id=event.case_id, in_team=in_team)
    name = str(event.reservation_id)
    after = state.but(places={**state.places, name: place})
    return Reaction(after, timers={name: event.lapses_at})


def _released(state: Watched, event: ReservationReleased) -> Reaction[Watched]:
    name = str(event.reservation_id)
    kept = {one: place for one, place in state.places.items() if one != name}
    return Reaction(state.but(places=kept), timers={name: None})


def _losses(
    state: Watched, reason: UnassignReason, case_id: CaseId | None = None
) -> Iterator[Send]:
    """One for each place in a team; with a case, only those in it."""
    for name, place in state.places.items():
        if state.facilitator_id and place.in_team and case_id in (None, place.case_id):
            command = NoteFacilitatorLoss(
                facilitator_id=state.facilitator_id,
                reservation_id=ReservationId(UUID(name)),
                reason=reason,
            )
            yield Send(CASE.category, place.case_id, command, f"lost {name}")


WATCH_FACILITATORS = Policy(
    name="facilitation_watches_facilitators",
    topics=(Topic.WORKFORCE,),
    initial=Watched(),
    react=react,
    on_timer=on_timer,
    gives={CASE.category: (NoteFacilitatorLoss, SettleReservation)},
    key=of_facilitator,
)
