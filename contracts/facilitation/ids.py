"""Ids of what facilitation keeps."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

FacilitatorId = NewType("FacilitatorId", UUID)
"""The id with which the facilitator also signs in."""
ReservationId = NewType("ReservationId", UUID)
ConflictId = NewType("ConflictId", UUID)
VenueRef = NewType("VenueRef", UUID)
MeetingId = NewType("MeetingId", UUID)
LetterId = NewType("LetterId", UUID)
MessageId = NewType("MessageId", UUID)
AgreementId = NewType("AgreementId", UUID)
ItemId = NewType("ItemId", UUID)
ConcernId = NewType("ConcernId", UUID)
