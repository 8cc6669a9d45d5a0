"""The ledger is told who facilitates the case, so that whose facilitators they are sees it."""

from __future__ import annotations

from uuid import UUID

from contracts.common import Colleague
from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId, ReservationId
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    ReservationSettled,
    TeamPart,
    UnassignReason,
)
from contracts.fields import OrganisationId
from contracts.terms import Level
from kernel.process.policy import Send
from kernel.testing.spec import CASE, HUB, an_id, history, reacting, recorded
from services.consent.domain.ledger.commands import NoteTeam
from services.consent.policies.follow_team import FOLLOW_TEAM

given = reacting(FOLLOW_TEAM)

PROVIDER = OrganisationId(an_id("provider"))
BOOKED = ReservationId(an_id("reservation"))


def colleague(name: str, organisation: UUID = PROVIDER) -> Colleague:
    return Colleague(
        facilitator_id=FacilitatorId(an_id(name)), organisation=OrganisationId(organisation)
    )


LEAD, CO = colleague("lead"), colleague("co", HUB)


def assigned(who: Colleague) -> FacilitatorAssigned:
    return FacilitatorAssigned(
        facilitator_id=who.facilitator_id,
        part=TeamPart.CO,
        level=Level.ADVANCED,
        organisation=who.organisation,
        reservation_id=BOOKED,
    )


def taken_off(who: Colleague) -> FacilitatorUnassigned:
    return FacilitatorUnassigned(
        facilitator_id=who.facilitator_id,
        part=TeamPart.CO,
        reason=UnassignReason.WORKLOAD,
        reservation_id=BOOKED,
    )


def tells(*before: Event, now: Event, team: tuple[Colleague, ...]) -> None:
    version = len(before) + 1
    told = NoteTeam(team=team, facilitation_version=version)
    given(*history(*before, stream="facilitation")).when(
        recorded(now, stream="facilitation", version=version)
    ).sends(Send("consent", CASE, told))


def test_the_whole_team_is_told_each_time_it_changes() -> None:
    tells(now=assigned(LEAD), team=(LEAD,))
    tells(assigned(LEAD), now=assigned(CO), team=(LEAD, CO))
    tells(assigned(LEAD), assigned(CO), now=taken_off(LEAD), team=(CO,))
    tells(assigned(LEAD), now=taken_off(LEAD), team=())


def test_what_changes_no_team_is_not_told() -> None:
    settled = ReservationSettled(
        facilitator_id=LEAD.facilitator_id, reservation_id=BOOKED, in_use=True
    )
    before = history(assigned(LEAD), stream="facilitation")
    for event in (settled, taken_off(CO), assigned(LEAD)):
        given(*before).when(recorded(event, stream="facilitation", version=2)).sends()


def test_only_facilitation_is_followed() -> None:
    assert FOLLOW_TEAM.key(f"facilitation-{CASE}") == CASE
    assert FOLLOW_TEAM.key(f"facilitator-{CASE}") is None
    assert FOLLOW_TEAM.key(f"referral-{CASE}") is None
