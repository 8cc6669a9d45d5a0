"""What may be recorded of an outcome."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.facilitation.aftercare import ItemType
from contracts.facilitation.ids import AgreementId, ItemId
from contracts.fields import Moment, Part, ParticipantId
from kernel.decider import Command

MOST_ITEMS = 20


class Undertaking(Part):
    """One thing that somebody undertakes; the service gives its id."""

    type: ItemType
    by: ParticipantId
    due_at: Moment | None = Field(None, description="90 days from now unless said")
    proportionate: bool = Field(
        description="found by the facilitator: fair, and no more than the harm asks for"
    )


class ReachAgreement(Command):
    """Record what people agree is to be done."""

    items: Annotated[tuple[Undertaking, ...], Field(max_length=MOST_ITEMS)]
    assented: tuple[ParticipantId, ...] = Field(description="who assents to all of it")


class RecordNoAgreement(Command):
    """Record that people agreed on nothing to be done."""


class CompleteItem(Command):
    """Record that somebody has done what they undertook."""

    agreement_id: AgreementId
    item_id: ItemId


class MissItem(Command):
    """Record that somebody has not done what they undertook."""

    agreement_id: AgreementId
    item_id: ItemId


class VaryItem(Command):
    """Record that everybody assents to another day, or another thing."""

    agreement_id: AgreementId
    item_id: ItemId
    undertaking: Undertaking
    assented: tuple[ParticipantId, ...] = Field(description="who assents to it")


class CloseAgreement(Command):
    """Record that every item was seen to."""

    agreement_id: AgreementId


AgreementCommand = (
    ReachAgreement | RecordNoAgreement | CompleteItem | MissItem | VaryItem | CloseAgreement
)
