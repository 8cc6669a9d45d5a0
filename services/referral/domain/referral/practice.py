"""What the hub has settled for itself: how soon it acts, how long it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from kernel.calendar import ENGLAND_AND_WALES, Calendar


@dataclass(frozen=True)
class Practice:
    """The hub's own defaults; working days skip weekends and bank holidays."""

    calendar: Calendar = ENGLAND_AND_WALES
    screening_days: int = 2
    first_contact_days: int = 5
    urgent_contact_days: int = 2
    """Where the matter is sensitive."""
    contact_gap: timedelta = timedelta(days=28)
    attempts: int = 3
    attempts_over_days: int = 10
    longest_hold: timedelta = timedelta(days=183)


PRACTICE = Practice()
