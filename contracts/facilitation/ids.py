"""Ids of what facilitation keeps."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

FacilitatorId = NewType("FacilitatorId", UUID)
"""The id with which the facilitator also signs in."""
ReservationId = NewType("ReservationId", UUID)
ConflictId = NewType("ConflictId", UUID)
MeetingId = NewType("MeetingId", UUID)
