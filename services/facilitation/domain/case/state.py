"""What facilitation knows of a case, and how each event changes that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from contracts.envelope import Event
from contracts.facilitation.ids import (
    AgreementId,
    ConcernId,
    FacilitatorId,
    LetterId,
    MeetingId,
    ReservationId,
)
from contracts.facilitation.noted import ClearanceNoted, FacilitationOpened
from contracts.facilitation.team import TeamPart
from contracts.fields import OrganisationId, ParticipantId
from contracts.terms import ActivityId, ClearanceId, Method, Participant
from kernel.decider import State
from services.facilitation.domain.case.parts import (
    Activity,
    Agreement,
    Assignment,
    Concern,
    Entry,
    Letter,
    Meeting,
    MeetingStanding,
    No,
)

E = TypeVar("E", bound=Event)


class Case(State):
    """A case: what was noted of it, and what was done in it."""

    version: int = 0
    opened: FacilitationOpened | None = None
    participants: tuple[Participant, ...] = ()
    on_hold: bool = False
    closed: bool = False
    referral_version: int = 0
    quorum: Mapping[Method, tuple[ParticipantId, ...]] = {}
    consent_version: int = 0
    noes: tuple[No, ...] = ()
    clearances: Mapping[ClearanceId, ClearanceNoted] = {}
    team: tuple[Assignment, ...] = ()
    void: tuple[ReservationId, ...] = ()
    entries: tuple[Entry, ...] = ()
    assessments: int = 0
    escalated_at: int = 0
    """The version of the last escalation, as the next is of the last loss of a method."""
    lost_at: Mapping[Method, int] = {}
    meetings: Mapping[MeetingId, Meeting] = {}
    letters: Mapping[LetterId, Letter] = {}
    activities: Mapping[ActivityId, Activity] = {}
    agreements: Mapping[AgreementId, Agreement] = {}
    concerns: Mapping[ConcernId, Concern] = {}

    @property
    def controller(self) -> OrganisationId | None:
        """The organisation that answers for the record."""
        return self.opened.controller if self.opened else None

    @property
    def seen_by(self) -> frozenset[OrganisationId]:
        """Who asked for it, who answers for it, and those whose facilitators work on it."""
        if self.opened is None:
            return frozenset()
        teams = (one.organisation for one in self.team)
        return frozenset({self.opened.organisation, self.opened.controller, *teams})

    def participant(self, participant_id: ParticipantId) -> Participant | None:
        """Who is in the case under this id."""
        found = (one for one in self.participants if one.participant_id == participant_id)
        return next(found, None)

    def assignment(self, facilitator_id: FacilitatorId) -> Assignment | None:
        """What this facilitator does in the case."""
        return next((one for one in self.team if one.facilitator_id == facilitator_id), None)

    @property
    def lead(self) -> Assignment | None:
        """Who leads the case."""
        return next((one for one in self.team if one.part is TeamPart.LEAD), None)

    @property
    def running(self) -> tuple[tuple[MeetingId, Meeting], ...]:
        """The meetings that have begun and not ended."""
        return self.meetings_that_are(MeetingStanding.RUNNING)

    def meetings_that_are(
        self, *standings: MeetingStanding
    ) -> tuple[tuple[MeetingId, Meeting], ...]:
        """The meetings that stand like this, with their ids."""
        return tuple(one for one in self.meetings.items() if one[1].standing in standings)

    def entered(self, kind: type[E]) -> Iterator[tuple[int, E]]:
        """What was entered of a kind and not corrected since, with its version, in order."""
        for one in self.entries:
            if isinstance(one.event, kind):
                yield one.version, one.event


def entered(case: Case, event: Event) -> dict[str, object]:
    """The event kept with its version, so that it can be corrected."""
    return {"entries": (*case.entries, Entry(version=case.version, event=event))}
