"""What every clock does: the machine's, those that live in a database, and the twins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.clock import Clock
from kernel.store.port import StoreUnavailable


class ClockSuite:
    """Subclasses give the fixture `clock`."""

    async def test_now_is_in_utc(self, clock: Clock) -> None:
        assert (await clock.now()).utcoffset() == timedelta(0)

    async def test_it_never_goes_back_between_two_looks(self, clock: Clock) -> None:
        looks = [await clock.now() for _ in range(20)]
        assert looks == sorted(looks)


class DistantClockSuite(ClockSuite):
    """For a clock that may give no answer; subclasses give `away`, too, which gives none."""

    async def test_away_it_shows_no_time_at_all(self, away: Clock) -> None:
        with pytest.raises(StoreUnavailable):
            await away.now()
