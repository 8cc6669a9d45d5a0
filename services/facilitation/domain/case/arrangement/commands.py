"""What may be recorded of method and place."""

from __future__ import annotations

from pydantic import Field

from contracts.facilitation.ids import VenueRef
from contracts.facilitation.preparation import Confirmation, VenueType
from contracts.terms import Method
from kernel.decider import Command


class AgreeMethod(Command):
    """Settle by which method people come together, or exchange."""

    method: Method
    confirmations: tuple[Confirmation, ...] = Field(
        (), description="what the case's setting asks to be confirmed"
    )


class ApproveVenue(Command):
    """Record that a place is safe for the people of this case."""

    venue_ref: VenueRef
    type: VenueType
    neutral: bool
    separate_arrival: bool = Field(description="people do not run into each other on the way in")
    exit: bool = Field(description="everybody can leave at any moment")
    supporters_space: bool


ArrangementCommand = AgreeMethod | ApproveVenue
