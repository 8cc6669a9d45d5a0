"""What stands in the way of recording something of a facilitator: one small check per rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from contracts.facilitation.ids import ConflictId
from contracts.facilitation.workforce import SupervisionKind
from contracts.fields import CaseId
from contracts.terms import Level
from kernel.decider import Context, Unmet
from services.facilitation.domain.facilitator import rules
from services.facilitation.domain.facilitator.commands import (
    RecordCpd,
    RecordTraining,
    ReserveFacilitator,
)
from services.facilitation.domain.facilitator.practice import Practice
from services.facilitation.domain.facilitator.state import Facilitator, Reservation


def registered_once(state: Facilitator) -> Unmet | None:
    if state.registered_at is None:
        return None
    return rules.REGISTERED_ONCE.unmet("nothing: they are registered")


def has_happened(moment: datetime, now: datetime) -> Unmet | None:
    return None if moment <= now else rules.HAS_HAPPENED.unmet("a date that has passed")


def long_enough(practice: Practice, command: RecordTraining) -> Unmet | None:
    if command.hours >= practice.training_hours:
        return None
    return rules.TRAINED_LONG_ENOUGH.unmet(f"a training of {practice.training_hours} hours or more")


def read_beforehand(practice: Practice, command: RecordTraining) -> Unmet | None:
    if command.pre_reading or command.hours >= practice.pre_reading_below:
        return None
    return rules.READ_BEFOREHAND.unmet("have the reading done, and say so")


def approved_is_part(command: RecordCpd) -> Unmet | None:
    if command.approved_hours <= command.hours:
        return None
    return rules.APPROVED_IS_PART.unmet(f"at most {command.hours} approved hours")


def was_suspended(state: Facilitator) -> Unmet | None:
    return None if state.suspended else rules.WAS_SUSPENDED.unmet("nothing: they may work")


def cleared_by_others(state: Facilitator, context: Context) -> Unmet | None:
    if context.actor.id != state.facilitator_id:
        return None
    return rules.CLEARED_BY_OTHERS.unmet("have somebody else look at it")


def was_declared(state: Facilitator, conflict_id: ConflictId) -> Unmet | None:
    if conflict_id in state.conflicts:
        return None
    return rules.WAS_DECLARED.unmet("the id of a conflict that was declared and stands")


def fit(practice: Practice, state: Facilitator, now: datetime) -> Iterator[Unmet | None]:
    """Everything that somebody must meet to work on any case."""
    yield rules.NOT_SUSPENDED.unmet("their reinstatement") if state.suspended else None
    yield _trained(state, now)
    yield _supervised(practice, state, now)
    yield _observed(practice, state, now)
    yield _developed(practice, state, now)


def _trained(state: Facilitator, now: datetime) -> Unmet | None:
    if state.level(now):
        return None
    return rules.TRAINED.unmet("a record of the training that they completed")


def _supervised(practice: Practice, state: Facilitator, now: datetime) -> Unmet | None:
    if _within(state.last(SupervisionKind.SUPERVISION), practice.supervised_every, now):
        return None
    return rules.SUPERVISED.unmet("a supervision, and its record")


def _observed(practice: Practice, state: Facilitator, now: datetime) -> Unmet | None:
    if _within(state.last(SupervisionKind.OBSERVED_PRACTICE), practice.observed_every, now):
        return None
    return rules.OBSERVED.unmet("an observation at work, and its record")


def _within(moment: datetime | None, every: timedelta, now: datetime) -> bool:
    return moment is not None and now - moment <= every


def _developed(practice: Practice, state: Facilitator, now: datetime) -> Unmet | None:
    level, since = state.level(now), now - practice.cpd_every
    if level is None or all(one.completed_at > since for one in state.trainings):
        return None
    hours, approved = _hours(state, since)
    wanted = practice.cpd_hours[level]
    if hours >= wanted and 2 * approved >= wanted:
        return None
    return rules.DEVELOPED.unmet(_missing_hours(level, wanted, hours, approved))


def _hours(state: Facilitator, since: datetime) -> tuple[int, int]:
    done = [one for one in state.development if one.done_at > since]
    return sum(one.hours for one in done), sum(one.approved_hours for one in done)


def _missing_hours(level: Level, wanted: int, hours: int, approved: int) -> str:
    more, of_them = max(wanted - hours, 0), max((wanted + 1) // 2 - approved, 0)
    return f"for {level.value} level, {max(more, of_them)} hours more, {of_them} of them approved"


def impartial(state: Facilitator, case_id: CaseId) -> Unmet | None:
    if case_id not in state.conflicts.values():
        return None
    return rules.IMPARTIAL.unmet("another facilitator, or the conflict cleared by somebody else")


def free(state: Facilitator, command: ReserveFacilitator) -> Unmet | None:
    if command.starts_at is None or command.ends_at is None:
        return None
    others = (one for one in state.reservations.values() if _is_other(one, command))
    if not any(one.meets(command.starts_at, command.ends_at) for one in others):
        return None
    return rules.ONE_PLACE_AT_A_TIME.unmet("another time, or another facilitator")


def _is_other(reservation: Reservation, command: ReserveFacilitator) -> bool:
    """What the same case asked for before, and has not confirmed, gives way to what it asks now."""
    if reservation.meeting_id == command.meeting_id:
        return False
    return reservation.confirmed or reservation.case_id != command.case_id
