"""What may be recorded of preparing people."""

from __future__ import annotations

from contracts.facilitation.preparation import Aim, PreparationMode, Readiness, Responsibility
from contracts.fields import ParticipantId
from kernel.decider import Command


class RecordPreparation(Command):
    """Record that a participant was prepared, alone or with those who stand beside them."""

    participant_id: ParticipantId
    mode: PreparationMode
    aims: tuple[Aim, ...] = ()
    readiness: Readiness
    accompanied_by: tuple[ParticipantId, ...] = ()


class RecordResponsibility(Command):
    """Record how far somebody takes responsibility, or acknowledges the dispute."""

    participant_id: ParticipantId
    responsibility: Responsibility


PreparationCommand = RecordPreparation | RecordResponsibility
