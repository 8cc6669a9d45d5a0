"""What a case takes note of; every one of these comes by policy and is always recorded."""

from __future__ import annotations

from contracts.fields import ActorId, Count, Moment, OrganisationId, ParticipantId
from contracts.referral import Complexity, Stage
from contracts.terms import ActivityId, ClearanceId, Level, Method, Participant, Setting, YesEnded
from kernel.decider import Command


class OpenFacilitation(Command):
    """When a referral is accepted."""

    setting: Setting
    min_level: Level
    participants: tuple[Participant, ...]
    controller: OrganisationId
    organisation: OrganisationId
    complexity: Complexity
    stage: Stage
    investigator: ActorId | None = None


class NoteParticipants(Command):
    """When somebody joins or leaves the case."""

    participants: tuple[Participant, ...]


class NoteCaseHold(Command):
    """When the case is put on hold, or goes on."""

    on_hold: bool
    referral_version: Count


class NoteCaseClosure(Command):
    """When the case is closed."""

    referral_version: Count


class NoteConsentQuorum(Command):
    """When everybody agrees to a method, or others than before do."""

    method: Method
    participants: tuple[ParticipantId, ...]
    consent_version: Count


class NoteConsentLoss(Command):
    """When a method is agreed no longer."""

    method: Method
    participants: tuple[ParticipantId, ...]
    consent_version: Count


class NoteWithdrawal(Command):
    """When somebody's yes ends, whether it is needed or not; and whose yes ends with it."""

    participant_id: ParticipantId
    methods: tuple[Method, ...]
    withdrawn_at: Moment
    consent_version: Count
    also_ends: tuple[YesEnded, ...] = ()


class NoteClearance(Command):
    """When an activity was cleared."""

    clearance_id: ClearanceId
    activity_id: ActivityId
    method: Method
    attendees: tuple[ParticipantId, ...]
    cleared_at: Moment
    consent_version: Count


NoteCommand = (
    OpenFacilitation
    | NoteParticipants
    | NoteCaseHold
    | NoteCaseClosure
    | NoteConsentQuorum
    | NoteConsentLoss
    | NoteWithdrawal
    | NoteClearance
)
