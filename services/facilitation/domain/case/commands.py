"""What a case takes note of; every one of these comes by policy and is always recorded."""

from __future__ import annotations

from contracts.fields import Count, OrganisationId, ParticipantId
from contracts.terms import Level, Method, Participant, Setting
from kernel.decider import Command


class OpenFacilitation(Command):
    """When a referral is accepted."""

    setting: Setting
    min_level: Level
    participants: tuple[Participant, ...]
    controller: OrganisationId
    organisation: OrganisationId


class NoteParticipants(Command):
    """When somebody joins or leaves the case."""

    participants: tuple[Participant, ...]


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


CaseCommand = OpenFacilitation | NoteParticipants | NoteConsentQuorum | NoteConsentLoss
