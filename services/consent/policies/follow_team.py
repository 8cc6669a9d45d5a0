"""The ledger is told who facilitates the case: whose facilitators they are sees it.

A policy of its own, as it starts at the beginning of the log: teams that were there before it are
told, too. A ledger that is not open yet is told again a little later.
"""

from __future__ import annotations

from uuid import UUID

from contracts.common import Colleague
from contracts.envelope import Event, Recorded, Topic, subject_of
from contracts.facilitation.ids import FacilitatorId
from contracts.facilitation.team import FacilitatorAssigned, FacilitatorUnassigned
from kernel.decider import State
from kernel.process.policy import Policy, Reaction, Send
from services.consent.domain.ledger.commands import NoteTeam
from services.consent.domain.ledger.decide import LEDGER


class Followed(State):
    """Who facilitates the case."""

    team: tuple[Colleague, ...] = ()


def react(state: Followed, one: Recorded) -> Reaction[Followed]:
    """Tell the whole team each time it changes."""
    team = _changed(state.team, one.event)
    if team == state.team:
        return Reaction(state)
    command = NoteTeam(team=team, facilitation_version=one.envelope.version)
    send = Send(LEDGER.category, one.envelope.subject, command)
    return Reaction(Followed(team=team), (send,))


def of_facilitation(stream: str) -> UUID | None:
    """Only what the facilitation service says of a case."""
    return subject_of(stream) if stream.startswith("facilitation-") else None


def _changed(team: tuple[Colleague, ...], event: Event) -> tuple[Colleague, ...]:
    match event:
        case FacilitatorAssigned():
            return (*_without(team, event.facilitator_id), _colleague(event))
        case FacilitatorUnassigned():
            return _without(team, event.facilitator_id)
        case _:
            return team


def _without(team: tuple[Colleague, ...], gone: FacilitatorId) -> tuple[Colleague, ...]:
    return tuple(one for one in team if one.facilitator_id != gone)


def _colleague(event: FacilitatorAssigned) -> Colleague:
    return Colleague(facilitator_id=event.facilitator_id, organisation=event.organisation)


FOLLOW_TEAM = Policy(
    name="consent_follows_team",
    topics=(Topic.CASE,),
    initial=Followed(),
    react=react,
    gives={LEDGER.category: (NoteTeam,)},
    key=of_facilitation,
)
