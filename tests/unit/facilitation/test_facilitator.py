"""A facilitator: registered, trained, kept in practice, suspended, and tied to no case."""

from __future__ import annotations

import pytest

from contracts.facilitation.ids import ConflictId
from contracts.facilitation.workforce import (
    Affiliation,
    ConflictCleared,
    ConflictDeclared,
    ConflictKind,
    FacilitatorReinstated,
    FacilitatorSuspended,
    SuspensionReason,
)
from contracts.fields import Role
from contracts.terms import Level
from kernel.testing.spec import HUB, NOW, an_id, by, new_id
from services.facilitation.domain.facilitator.commands import (
    ClearConflict,
    DeclareConflict,
    RecordCpd,
    RecordSupervision,
    RecordTraining,
    RegisterFacilitator,
    ReinstateFacilitator,
    SuspendFacilitator,
)
from services.facilitation.domain.facilitator.decide import FACILITATOR
from tests.unit.facilitation.staff import (
    DAY,
    FAY,
    FIT,
    LONG_AGO,
    PRACTICE,
    THIS_CASE,
    developed,
    given,
    registered,
    supervised,
    trained,
)

REGISTER = RegisterFacilitator(facilitator_id=FAY, affiliation=Affiliation.PARTNER)
TOMORROW = NOW + DAY
SUSPENDED = FacilitatorSuspended(reason=SuspensionReason.COMPLAINT)
DECLARED = ConflictDeclared(
    conflict_id=ConflictId(an_id("conflict")),
    case_id=THIS_CASE,
    kind=ConflictKind.KNOWS_A_PARTICIPANT,
)


def train(
    hours: int, level: Level = Level.FOUNDATION, *, pre_reading: bool = False
) -> RecordTraining:
    return RecordTraining(level=level, hours=hours, pre_reading=pre_reading, completed_at=NOW - DAY)


@pytest.mark.rule("WRK-01")
def test_somebody_is_registered_once_by_their_own_organisation() -> None:
    given().by(Role.PROVIDER_MANAGER).when(REGISTER).then(registered())
    given(registered()).when(REGISTER).refused_by("WRK-01")
    assert FACILITATOR.opens == (RegisterFacilitator,)


def test_a_facilitator_is_seen_by_their_own_organisation() -> None:
    facilitator = given(registered()).state()
    assert FACILITATOR.controller(facilitator) == HUB
    assert FACILITATOR.seen_by(facilitator) == {HUB}
    assert FACILITATOR.seen_by(FACILITATOR.initial) == frozenset()


@pytest.mark.rule("WRK-03")
def test_a_training_of_less_than_20_hours_does_not_count() -> None:
    given(registered()).when(train(19, pre_reading=True)).refused_by("WRK-03")
    given(registered()).when(train(20, pre_reading=True)).accepted()


@pytest.mark.rule("WRK-04")
def test_a_short_training_counts_with_reading_done_before_it() -> None:
    given(registered()).when(train(23)).refused_by("WRK-04")
    given(registered()).when(train(23, pre_reading=True)).accepted()
    given(registered()).when(train(24)).then(trained(Level.FOUNDATION, hours=24))


def test_the_level_is_the_highest_that_was_trained_for() -> None:
    levels = (trained(Level.ADVANCED), trained(Level.FOUNDATION))
    assert given(registered(), *levels).state().level(NOW) is Level.ADVANCED
    assert given(registered(), *levels).state().level(NOW - 2 * DAY) is None


@pytest.mark.rule("WRK-02")
@pytest.mark.parametrize(
    "command",
    [
        RecordTraining(level=Level.FOUNDATION, hours=30, completed_at=TOMORROW),
        RecordCpd(hours=3, done_at=TOMORROW),
        RecordSupervision(held_at=TOMORROW),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_has_not_happened_is_not_recorded(
    command: RecordTraining | RecordCpd | RecordSupervision,
) -> None:
    given(registered()).when(command).refused_by("WRK-02")
    given(registered()).at(TOMORROW).when(command).accepted()


@pytest.mark.rule("WRK-05")
def test_approved_hours_are_part_of_the_hours() -> None:
    given(registered()).when(RecordCpd(hours=3, approved_hours=4, done_at=NOW)).refused_by("WRK-05")
    given(registered()).when(RecordCpd(hours=3, approved_hours=3, done_at=NOW)).then(
        developed(3, 3, NOW)
    )


def test_a_supervision_recorded_late_does_not_make_the_last_one_earlier() -> None:
    earlier = RecordSupervision(held_at=NOW - 30 * DAY)
    after = given(registered(LONG_AGO), supervised(NOW - DAY)).when(earlier)
    after.then(supervised(NOW - 30 * DAY))
    assert after.state().last(PRACTICE[0]) == NOW - DAY
    assert after.state().last(PRACTICE[1]) == LONG_AGO


@pytest.mark.rule("WRK-06")
def test_only_somebody_suspended_is_reinstated() -> None:
    given(*FIT).when(ReinstateFacilitator()).refused_by("WRK-06")
    given(*FIT, SUSPENDED).when(ReinstateFacilitator()).then(FacilitatorReinstated())
    given(*FIT, SUSPENDED, FacilitatorReinstated()).when(ReinstateFacilitator()).refused_by(
        "WRK-06"
    )


def test_a_suspension_is_recorded_each_time() -> None:
    command = SuspendFacilitator(reason=SuspensionReason.COMPLAINT)
    given(*FIT).when(command).then(SUSPENDED)
    given(*FIT, SUSPENDED).when(command).then(SUSPENDED)


def test_a_conflict_is_declared_of_a_case() -> None:
    command = DeclareConflict(case_id=THIS_CASE, kind=ConflictKind.EARLIER_ROLE)
    given(*FIT).by(Role.FACILITATOR).when(command).then(
        ConflictDeclared(
            conflict_id=ConflictId(new_id("conflict")),
            case_id=THIS_CASE,
            kind=ConflictKind.EARLIER_ROLE,
        )
    )


@pytest.mark.rule("WRK-07")
def test_nobody_clears_a_conflict_of_their_own() -> None:
    clear = ClearConflict(conflict_id=DECLARED.conflict_id)
    own = by(Role.PROVIDER_MANAGER, actor=FAY)
    given(*FIT, DECLARED).by(own).when(clear).refused_by("WRK-07")
    given(*FIT, DECLARED).by(Role.PROVIDER_MANAGER).when(clear).then(
        ConflictCleared(conflict_id=DECLARED.conflict_id, case_id=THIS_CASE)
    )


@pytest.mark.rule("WRK-08")
def test_only_a_conflict_that_stands_is_cleared() -> None:
    clear = ClearConflict(conflict_id=DECLARED.conflict_id)
    cleared = ConflictCleared(conflict_id=DECLARED.conflict_id, case_id=THIS_CASE)
    given(*FIT).when(clear).refused_by("WRK-08")
    given(*FIT, DECLARED, cleared).when(clear).refused_by("WRK-08")
