"""What facilitation knows of a case, and how each event changes that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never, cast

from contracts.common import ParticipantsNoted
from contracts.envelope import Event
from contracts.facilitation import ConsentLossNoted, ConsentQuorumNoted, FacilitationOpened
from contracts.fields import OrganisationId, ParticipantId
from contracts.terms import Level, Method, Participant, Setting
from kernel.decider import State

CaseEvent = FacilitationOpened | ParticipantsNoted | ConsentQuorumNoted | ConsentLossNoted

OPENING = ("setting", "min_level", "participants", "controller", "organisation")


class Case(State):
    """A case: what was noted of it so far."""

    setting: Setting | None = None
    min_level: Level | None = None
    participants: tuple[Participant, ...] = ()
    controller: OrganisationId | None = None
    organisation: OrganisationId | None = None
    quorum: Mapping[Method, tuple[ParticipantId, ...]] = {}
    consent_version: int = 0


def evolve(case: Case, event: Event) -> Case:
    """The case after an event."""
    return case.model_copy(update=_changed(case, cast("CaseEvent", event)))


def _changed(case: Case, event: CaseEvent) -> dict[str, object]:
    match event:
        case FacilitationOpened():
            return {name: getattr(event, name) for name in OPENING}
        case ParticipantsNoted():
            return {"participants": event.participants}
        case ConsentQuorumNoted():
            return _heard(case, event, {**case.quorum, event.method: event.participants})
        case ConsentLossNoted():
            others = {one: who for one, who in case.quorum.items() if one is not event.method}
            return _heard(case, event, others)
        case _:
            assert_never(event)


def _heard(
    case: Case,
    event: ConsentQuorumNoted | ConsentLossNoted,
    quorum: Mapping[Method, tuple[ParticipantId, ...]],
) -> dict[str, object]:
    """What consent said earlier, but is noted later, changes nothing."""
    if event.consent_version <= case.consent_version:
        return {}
    return {"quorum": quorum, "consent_version": event.consent_version}
