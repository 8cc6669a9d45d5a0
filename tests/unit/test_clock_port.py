"""The clocks of the kernel."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import ClockNeverGoesBack, EarlierOf, FixedClock, SystemClock, seconds_ahead

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("skew", [HOUR, -HOUR])
async def test_two_clocks_show_what_both_have_reached(skew: timedelta) -> None:
    both = EarlierOf(FixedClock(NOON), FixedClock(NOON + skew))
    assert await both.now() == min(NOON, NOON + skew)


@pytest.mark.parametrize("skew", [HOUR, -HOUR])
async def test_how_far_a_clock_is_ahead_is_told_in_seconds(skew: timedelta) -> None:
    ahead = await seconds_ahead(FixedClock(NOON + skew), FixedClock(NOON))
    assert ahead == skew.total_seconds()


async def test_a_fixed_clock_moves_forwards_only() -> None:
    clock = FixedClock(NOON)
    clock.move(NOON + HOUR)
    with pytest.raises(ClockNeverGoesBack, match="stands at 2026-03-02T13"):
        clock.move(NOON)
    assert await clock.now() == NOON + HOUR


async def test_the_system_clock_knows_its_zone() -> None:
    assert (await SystemClock().now()).utcoffset() == timedelta(0)
