"""Who works on a case, and what becomes of the reservations by which they come to it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.common import CaseClosureNoted, CaseHoldNoted
from contracts.facilitation.meeting import MeetingStopped, StopReason
from contracts.facilitation.noted import FacilitatorLossNoted
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    ReservationSettled,
    TeamPart,
    UnassignReason,
)
from contracts.fields import ActorId
from contracts.terms import Level
from kernel.testing.spec import HUB
from services.facilitation.domain.case.team.commands import (
    AssignReserved,
    NoteFacilitatorLoss,
    SettleReservation,
    UnassignFacilitator,
)
from tests.unit.facilitation.casework import (
    CO,
    FACE_TO_FACE,
    LEAD,
    MEETING,
    assigned,
    booking,
    given,
    opened,
    ready,
    reservation,
    running,
    scheduled,
)


def assign(**fields: Any) -> AssignReserved:
    values: dict[str, Any] = {
        "facilitator_id": LEAD,
        "part": TeamPart.LEAD,
        "level": Level.ADVANCED,
        "organisation": HUB,
        "reservation_id": reservation(LEAD),
    }
    return AssignReserved(**values | fields)


def co_assigned() -> FacilitatorAssigned:
    return assigned(CO, TeamPart.CO)


def unassigned(
    reason: UnassignReason, part: TeamPart = TeamPart.LEAD, who: Any = LEAD
) -> FacilitatorUnassigned:
    return FacilitatorUnassigned(
        facilitator_id=who, part=part, reason=reason, reservation_id=reservation(who)
    )


def lost(reservation_id: Any = None) -> FacilitatorLossNoted:
    return FacilitatorLossNoted(
        facilitator_id=LEAD,
        reservation_id=reservation_id or reservation(LEAD),
        reason=UnassignReason.SUSPENDED,
    )


def lose(reservation_id: Any = None) -> NoteFacilitatorLoss:
    return NoteFacilitatorLoss(**lost(reservation_id).model_dump())


def test_a_facilitator_is_assigned() -> None:
    given(opened()).when(assign()).then(assigned())
    given(opened(), assigned()).when(
        assign(facilitator_id=CO, part=TeamPart.CO, reservation_id=reservation(CO))
    ).then(co_assigned())


@pytest.mark.rule("FAC-01")
def test_nobody_is_assigned_before_the_case_is_accepted() -> None:
    given().when(assign()).refused_by("FAC-01")


@pytest.mark.rule("FAC-02")
@pytest.mark.rule("FAC-03")
def test_nobody_is_assigned_to_a_case_that_is_closed_or_on_hold() -> None:
    closed = CaseClosureNoted(referral_version=9)
    held = CaseHoldNoted(on_hold=True, referral_version=8)
    given(opened(), closed).when(assign()).refused_by("FAC-02")
    given(opened(), held).when(assign()).refused_by("FAC-03")
    given(opened(), held, closed).when(assign()).refused_by("FAC-02")


@pytest.mark.rule("FAC-06")
def test_a_case_has_one_lead() -> None:
    second = assign(facilitator_id=CO, reservation_id=reservation(CO))
    given(opened(), assigned()).when(second).refused_by("FAC-06")
    gone = unassigned(UnassignReason.WORKLOAD)
    given(opened(), assigned(), gone).when(second).accepted()


@pytest.mark.rule("FAC-07")
@pytest.mark.parametrize(
    ("asks_for", "has", "enough"),
    [
        (Level.FOUNDATION, Level.FOUNDATION, False),
        (Level.FOUNDATION, Level.INTERMEDIATE, True),
        (Level.ADVANCED, Level.INTERMEDIATE, False),
        (Level.ADVANCED, Level.ADVANCED, True),
    ],
)
def test_a_lead_has_the_level_that_the_case_asks_for(
    asks_for: Level, has: Level, *, enough: bool
) -> None:
    assigning = given(opened(min_level=asks_for)).when(assign(level=has))
    if enough:
        assigning.accepted()
    else:
        assigning.refused_by("FAC-07")


@pytest.mark.rule("FAC-07")
def test_a_co_facilitator_may_be_of_any_level() -> None:
    co = assign(part=TeamPart.CO, level=Level.FOUNDATION)
    given(opened(min_level=Level.ADVANCED)).when(co).accepted()


@pytest.mark.rule("FAC-08")
def test_the_officer_in_charge_does_not_lead() -> None:
    case = given(opened(investigator=ActorId(LEAD)))
    case.when(assign()).refused_by("FAC-08")
    case.when(assign(part=TeamPart.CO)).accepted()


@pytest.mark.rule("FAC-09")
def test_nobody_has_two_parts() -> None:
    given(opened(), assigned()).when(assign(part=TeamPart.CO)).refused_by("FAC-09")


@pytest.mark.rule("FAC-10")
def test_a_reservation_that_was_found_void_brings_nobody_in() -> None:
    void = ReservationSettled(facilitator_id=LEAD, reservation_id=reservation(LEAD), in_use=False)
    given(opened(), void).when(assign()).refused_by("FAC-10")
    given(opened(), lost()).when(assign()).refused_by("FAC-10")
    given(opened(), void).when(assign(reservation_id=reservation(LEAD, "again"))).accepted()


def test_a_facilitator_is_taken_off() -> None:
    command = UnassignFacilitator(facilitator_id=LEAD, reason=UnassignReason.WORKLOAD)
    after = given(opened(), assigned(), co_assigned()).when(command)
    after.then(unassigned(UnassignReason.WORKLOAD))
    assert [one.facilitator_id for one in after.state().team] == [CO]


@pytest.mark.rule("FAC-11")
def test_only_somebody_assigned_is_taken_off() -> None:
    given(opened()).when(UnassignFacilitator(facilitator_id=LEAD)).refused_by("FAC-11")


@pytest.mark.rule("FAC-12")
def test_nobody_is_taken_off_amid_a_meeting() -> None:
    given(*running()).when(UnassignFacilitator(facilitator_id=LEAD)).refused_by("FAC-12")


@pytest.mark.rule("FAC-13")
def test_who_may_work_on_it_no_longer_is_taken_off_at_once() -> None:
    given(*ready(scheduled())).when(lose()).then(lost(), unassigned(UnassignReason.SUSPENDED))


@pytest.mark.rule("FAC-13")
def test_a_meeting_stops_that_nobody_leads_any_more() -> None:
    stopped = MeetingStopped(
        meeting_id=MEETING, method=FACE_TO_FACE, reason=StopReason.FACILITATOR_UNAVAILABLE
    )
    given(*running()).when(lose()).then(lost(), unassigned(UnassignReason.SUSPENDED), stopped)


@pytest.mark.rule("FAC-13")
def test_a_meeting_goes_on_without_the_co_facilitator() -> None:
    command = NoteFacilitatorLoss(
        facilitator_id=CO, reservation_id=reservation(CO), reason=UnassignReason.CONFLICT
    )
    given(*running(co_assigned())).when(command).then(
        FacilitatorLossNoted(**command.model_dump(exclude={"happened_at"})),
        unassigned(UnassignReason.CONFLICT, TeamPart.CO, CO),
    )


@pytest.mark.rule("FAC-13")
def test_the_loss_of_another_reservation_takes_nobody_off() -> None:
    earlier = reservation(LEAD, "an earlier time")
    given(opened(), assigned()).when(lose(earlier)).then(lost(earlier))


@pytest.mark.parametrize(
    ("what", "in_use"),
    [
        (reservation(LEAD), True),
        (booking().reservation_id, True),
        (reservation(LEAD, "nothing"), False),
    ],
)
def test_a_reservation_is_in_use_by_the_team_or_a_meeting(what: Any, *, in_use: bool) -> None:
    command = SettleReservation(facilitator_id=LEAD, reservation_id=what)
    given(*ready(scheduled())).when(command).then(
        ReservationSettled(facilitator_id=LEAD, reservation_id=what, in_use=in_use)
    )
