"""Working days: deadlines skip weekends, bank holidays and days closed by configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import count, islice
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

MOST_DAYS = 2_600  # ten years


@dataclass(frozen=True)
class Calendar:
    """Whose bank holidays count, in which zone a day begins, and what else is closed.

    `closed` is for a bank holiday that was proclaimed after the library was released.
    """

    country: str = "GB"
    subdivision: str = "ENG"
    zone: str = "Europe/London"
    closed: frozenset[date] = field(default_factory=frozenset)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and neither a bank holiday nor closed."""
        return day.weekday() < 5 and day not in self._holidays and day not in self.closed

    def add_working_days(self, moment: datetime, n: int) -> datetime:
        """The same local time on the nth working day after the moment's own day, in UTC.

        The own day never counts, whether it is a working day or not; 0 is the moment itself.
        """
        local = self._local(moment)
        return datetime.combine(self._nth_after(local.date(), n), local.timetz()).astimezone(UTC)

    def end_of_working_days(self, moment: datetime, n: int) -> datetime:
        """When the nth working day after the moment's own day has passed, in UTC: "within n"."""
        last = self._nth_after(self._local(moment).date(), n)
        midnight = time(tzinfo=ZoneInfo(self.zone))
        return datetime.combine(last + timedelta(days=1), midnight).astimezone(UTC)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone has no working day")
        return moment.astimezone(ZoneInfo(self.zone))

    def _nth_after(self, day: date, n: int) -> date:
        if not 0 <= n <= MOST_DAYS:
            raise ValueError(f"{n} is not a number of working days from 0 to {MOST_DAYS}")
        return next(islice(self._working_days_after(day), n - 1, None)) if n else day

    def _working_days_after(self, day: date) -> Iterator[date]:
        days = (day + timedelta(days=n) for n in count(1))
        return (one for one in days if self.is_working_day(one))

    @cached_property
    def _holidays(self) -> HolidayBase:
        return country_holidays(self.country, subdiv=self.subdivision)


ENGLAND_AND_WALES = Calendar()


def add_working_days(moment: datetime, n: int, calendar: Calendar = ENGLAND_AND_WALES) -> datetime:
    """The same local time on the nth working day after the moment's own day, in UTC."""
    return calendar.add_working_days(moment, n)
