"""What the hub has settled for its figures: when a month begins, and what is too few to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Practice:
    """The hub's own defaults."""

    zone: str = "Europe/London"
    smallest_cell: int = 5
    """Fewer cases than this are not told to whoever sees no cases."""
    conversion_after: timedelta = timedelta(days=180)
    """How long a case has had to come to an activity before it is asked whether it did."""

    def month(self, moment: datetime) -> str:
        """The month in which a moment lies, such as 2026-03."""
        return moment.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m")


PRACTICE = Practice()
