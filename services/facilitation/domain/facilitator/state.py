"""What is known of a facilitator, and how each event changes that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar, assert_never, cast

from contracts.envelope import Event
from contracts.facilitation.ids import ConflictId, FacilitatorId, MeetingId, ReservationId
from contracts.facilitation.workforce import (
    ConflictCleared,
    ConflictDeclared,
    CpdRecorded,
    FacilitatorRegistered,
    FacilitatorReinstated,
    FacilitatorReserved,
    FacilitatorSuspended,
    ReservationConfirmed,
    ReservationReleased,
    SupervisionKind,
    SupervisionRecorded,
    TrainingRecorded,
)
from contracts.fields import CaseId, OrganisationId
from contracts.terms import Level
from kernel.decider import State

FacilitatorEvent = (
    FacilitatorRegistered
    | TrainingRecorded
    | CpdRecorded
    | SupervisionRecorded
    | FacilitatorSuspended
    | FacilitatorReinstated
    | ConflictDeclared
    | ConflictCleared
    | FacilitatorReserved
    | ReservationConfirmed
    | ReservationReleased
)

K = TypeVar("K")
V = TypeVar("V")

LEVELS = tuple(Level)


class Reservation(State):
    """Time, or a place in a case's team, that is spoken for; a slot has all of its fields."""

    case_id: CaseId
    meeting_id: MeetingId | None
    starts_at: datetime | None
    ends_at: datetime | None
    confirmed: bool = False

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether this takes up some of that time."""
        if self.starts_at is None or self.ends_at is None:
            return False
        return self.starts_at < ends_at and starts_at < self.ends_at


class Facilitator(State):
    """Fitness, conflicts, reservations."""

    facilitator_id: FacilitatorId | None = None
    organisation: OrganisationId | None = None
    registered_at: datetime | None = None
    trainings: tuple[TrainingRecorded, ...] = ()
    development: tuple[CpdRecorded, ...] = ()
    supervisions: Mapping[SupervisionKind, datetime] = {}
    suspended: bool = False
    conflicts: Mapping[ConflictId, CaseId] = {}
    reservations: Mapping[ReservationId, Reservation] = {}

    def level(self, now: datetime) -> Level | None:
        """The highest level of training that was completed by then."""
        done = (LEVELS.index(one.level) for one in self.trainings if one.completed_at <= now)
        highest = max(done, default=None)
        return None if highest is None else LEVELS[highest]

    def last(self, kind: SupervisionKind) -> datetime | None:
        """When it was last done; the registration counts as a first time."""
        return self.supervisions.get(kind, self.registered_at)


def evolve(state: Facilitator, event: Event) -> Facilitator:
    """The facilitator after an event."""
    return state.model_copy(update=_changed(state, cast("FacilitatorEvent", event)))


def _changed(state: Facilitator, event: FacilitatorEvent) -> dict[str, object]:
    match event:
        case FacilitatorRegistered():
            return event.model_dump(include={"facilitator_id", "organisation", "registered_at"})
        case TrainingRecorded():
            return {"trainings": (*state.trainings, event)}
        case CpdRecorded():
            return {"development": (*state.development, event)}
        case SupervisionRecorded():
            return {"supervisions": _supervised(state, event)}
        case FacilitatorSuspended() | FacilitatorReinstated():
            return {"suspended": isinstance(event, FacilitatorSuspended)}
        case ConflictDeclared():
            return {"conflicts": {**state.conflicts, event.conflict_id: event.case_id}}
        case ConflictCleared():
            return {"conflicts": _without(state.conflicts, event.conflict_id)}
        case FacilitatorReserved():
            return {"reservations": {**state.reservations, event.reservation_id: _of(event)}}
        case ReservationConfirmed():
            return {"reservations": _confirmed(state, event.reservation_id)}
        case ReservationReleased():
            return {"reservations": _without(state.reservations, event.reservation_id)}
        case _:
            assert_never(event)


def _supervised(
    state: Facilitator, event: SupervisionRecorded
) -> Mapping[SupervisionKind, datetime]:
    """What is recorded late does not make the last time earlier."""
    earlier = state.supervisions.get(event.kind, event.held_at)
    return {**state.supervisions, event.kind: max(earlier, event.held_at)}


def _of(event: FacilitatorReserved) -> Reservation:
    return Reservation(
        case_id=event.case_id,
        meeting_id=event.meeting_id,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
    )


def _confirmed(state: Facilitator, id_: ReservationId) -> Mapping[ReservationId, Reservation]:
    found = state.reservations.get(id_)
    if found is None:
        return state.reservations
    return {**state.reservations, id_: found.model_copy(update={"confirmed": True})}


def _without(entries: Mapping[K, V], key: K) -> Mapping[K, V]:
    return {one: value for one, value in entries.items() if one != key}
