"""A facilitator is reserved for a case or a meeting's time, if fit, impartial and free."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.envelope import Event
from contracts.facilitation.ids import ConflictId
from contracts.facilitation.workforce import (
    ConflictCleared,
    ConflictDeclared,
    ConflictKind,
    FacilitatorReinstated,
    FacilitatorSuspended,
    ReservationConfirmed,
    ReservationReleased,
    SupervisionKind,
    SuspensionReason,
)
from contracts.fields import CaseId
from contracts.terms import Level
from kernel.testing.spec import NOW, an_id
from services.facilitation.domain.facilitator.commands import (
    ConfirmReservation,
    ReleaseReservation,
)
from tests.unit.facilitation.staff import (
    DAY,
    FIT,
    LONG_AGO,
    THIS_CASE,
    VETERAN,
    book,
    booked,
    developed,
    given,
    registered,
    reservation,
    reserve,
    reserved,
    supervised,
    trained,
)

OTHER_CASE = CaseId(an_id("other case"))
CONFLICT = ConflictDeclared(
    conflict_id=ConflictId(an_id("conflict")),
    case_id=THIS_CASE,
    kind=ConflictKind.EARLIER_ROLE,
)
MORNING = NOW + 3 * DAY


def test_whoever_is_fit_impartial_and_free_is_reserved_with_their_level() -> None:
    given(*FIT).when(reserve()).then(reserved(reserve()))
    given(*VETERAN).when(reserve()).then(reserved(reserve()))
    given(registered(), trained(Level.ADVANCED)).when(book(MORNING)).then(
        reserved(book(MORNING), Level.ADVANCED)
    )


@pytest.mark.rule("WRK-09")
def test_whoever_is_suspended_is_not_reserved() -> None:
    suspended = FacilitatorSuspended(reason=SuspensionReason.SAFEGUARDING)
    given(*FIT, suspended).when(reserve()).refused_by("WRK-09")
    given(*FIT, suspended, FacilitatorReinstated()).when(reserve()).accepted()


@pytest.mark.rule("WRK-10")
def test_whoever_is_not_trained_is_not_reserved() -> None:
    given(registered()).when(reserve()).refused_by("WRK-10")


@pytest.mark.rule("WRK-11")
@pytest.mark.parametrize("kind", [None, SupervisionKind.SUPERVISION])
def test_a_supervision_serves_for_84_days_and_so_does_the_registration(
    kind: SupervisionKind | None,
) -> None:
    last = registered() if kind is None else supervised(NOW)
    events = (registered(NOW), trained(), last)
    given(*events).at(NOW + 84 * DAY).when(reserve()).accepted()
    given(*events).at(NOW + 84 * DAY + timedelta(seconds=1)).when(reserve()).refused_by("WRK-11")


@pytest.mark.rule("WRK-12")
def test_an_observation_at_work_serves_for_a_year() -> None:
    def known(days: int) -> tuple[Event, ...]:
        observed = supervised(NOW - days * DAY, SupervisionKind.OBSERVED_PRACTICE)
        return (registered(LONG_AGO), trained(), supervised(NOW), observed)

    given(*known(365)).when(reserve()).accepted()
    given(*known(366)).when(reserve()).refused_by("WRK-12")


@pytest.mark.rule("WRK-13")
@pytest.mark.parametrize(
    ("level", "hours", "approved", "enough"),
    [
        (Level.FOUNDATION, 6, 3, True),
        (Level.FOUNDATION, 5, 5, False),
        (Level.INTERMEDIATE, 12, 6, True),
        (Level.INTERMEDIATE, 12, 5, False),
        (Level.ADVANCED, 16, 8, True),
        (Level.ADVANCED, 15, 8, False),
    ],
)
def test_each_level_has_its_hours_of_development(
    level: Level, hours: int, approved: int, *, enough: bool
) -> None:
    events = (registered(), trained(level, at=LONG_AGO), developed(hours, approved))
    reserving = given(*events).when(reserve())
    if enough:
        reserving.accepted()
    else:
        reserving.refused_by("WRK-13")


@pytest.mark.rule("WRK-13")
def test_development_is_asked_for_from_a_year_after_the_first_training_on() -> None:
    first = trained(at=NOW - 364 * DAY)
    given(registered(), first).when(reserve()).accepted()
    given(registered(), first).at(NOW + 2 * DAY).when(reserve()).refused_by("WRK-13")
    again = trained(Level.ADVANCED)
    given(registered(), first, again).at(NOW + 2 * DAY).when(reserve()).refused_by("WRK-13")


@pytest.mark.rule("WRK-13")
def test_hours_of_more_than_a_year_ago_do_not_count_and_what_is_missing_is_said() -> None:
    events = (
        registered(),
        trained(at=LONG_AGO),
        developed(12, 6, NOW - 365 * DAY),
        developed(5, 1),
    )
    refused = given(*events).when(reserve()).refused_by("WRK-13")
    assert "7 hours more, 5 of them approved" in refused.unmet[0].needs


@pytest.mark.rule("WRK-14")
def test_whoever_has_a_tie_to_the_case_is_not_reserved_for_it() -> None:
    given(*FIT, CONFLICT).when(reserve()).refused_by("WRK-14")
    given(*FIT, CONFLICT).when(reserve(case_id=OTHER_CASE)).accepted()
    cleared = ConflictCleared(conflict_id=CONFLICT.conflict_id, case_id=THIS_CASE)
    given(*FIT, CONFLICT, cleared).when(reserve()).accepted()


@pytest.mark.rule("WRK-15")
@pytest.mark.parametrize(
    ("hours_later", "free"), [(-2, True), (-1, False), (0, False), (1, False), (2, True)]
)
def test_nobody_is_at_two_meetings_at_once(hours_later: int, *, free: bool) -> None:
    wanted = book(MORNING + timedelta(hours=hours_later), name="another")
    reserving = given(*FIT, *booked(MORNING)).when(wanted)
    if free:
        reserving.accepted()
    else:
        reserving.refused_by("WRK-15")


@pytest.mark.rule("WRK-15")
def test_a_meeting_may_move_into_its_own_time() -> None:
    given(*FIT, *booked(MORNING)).when(book(MORNING + timedelta(hours=1))).accepted()


@pytest.mark.rule("WRK-15")
def test_time_held_for_another_case_is_taken_before_it_is_confirmed() -> None:
    held = reserved(book(MORNING, name="there", case=OTHER_CASE))
    given(*FIT, held).when(book(MORNING)).refused_by("WRK-15")


@pytest.mark.rule("WRK-15")
def test_a_case_that_asks_again_does_not_stand_in_its_own_way() -> None:
    held = reserved(book(MORNING, name="first try"))
    given(*FIT, held).when(book(MORNING, name="second try")).accepted()
    confirmed = ReservationConfirmed(reservation_id=held.reservation_id)
    given(*FIT, held, confirmed).when(book(MORNING, name="another")).refused_by("WRK-15")


@pytest.mark.rule("WRK-15")
def test_time_that_is_released_is_free_again() -> None:
    slot, confirmed = booked(MORNING)
    released = ReservationReleased(reservation_id=slot.reservation_id)
    given(*FIT, slot, confirmed, released).when(book(MORNING, name="another")).accepted()


def test_an_assignment_takes_no_time() -> None:
    given(*FIT, reserved(reserve())).when(book(MORNING)).accepted()
    given(*FIT, *booked(MORNING)).when(reserve()).accepted()


def test_confirming_and_releasing_are_recorded_always() -> None:
    given(*FIT).when(ConfirmReservation(reservation_id=reservation())).then(
        ReservationConfirmed(reservation_id=reservation())
    )
    given(*FIT).when(ReleaseReservation(reservation_id=reservation())).then(
        ReservationReleased(reservation_id=reservation())
    )
