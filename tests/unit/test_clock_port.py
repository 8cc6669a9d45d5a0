"""The clocks of the kernel."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from kernel.clock import ClockNeverGoesBack, EarlierOf, FixedClock, SystemClock, seconds_ahead
from kernel.testing.simulate.databases import ServerClock, SimClock
from kernel.testing.simulate.fate import Fate
from kernel.testing.simulate.loop import SimLoop
from tests.adapters.clock_suite import ClockSuite, DistantClockSuite

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class TestSystemClock(ClockSuite):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


class TestFixedClock(DistantClockSuite):
    @pytest.fixture
    def clock(self) -> FixedClock:
        return FixedClock(NOON)

    @pytest.fixture
    def away(self) -> FixedClock:
        return FixedClock(NOON, away=True)


class TestServerClock(DistantClockSuite):
    """That of a simulated database."""

    @pytest.fixture
    def fate(self) -> Fate:
        return Fate(Random(0), SimLoop(0))  # type: ignore[abstract]  # it has no sockets or threads

    @pytest.fixture
    def clock(self, fate: Fate) -> ServerClock:
        return ServerClock(SimClock(fate, NOON), fate.data("database"))

    @pytest.fixture
    def away(self, clock: ServerClock, fate: Fate) -> ServerClock:
        fate.away("database", gone=True)
        return clock


class TestEarlierOf(DistantClockSuite):
    @pytest.fixture
    def clock(self) -> EarlierOf:
        return EarlierOf(SystemClock(), SystemClock())

    @pytest.fixture(params=["the first", "the second"])
    def away(self, request: pytest.FixtureRequest) -> EarlierOf:
        there, gone = SystemClock(), FixedClock(NOON, away=True)
        return EarlierOf(gone, there) if request.param == "the first" else EarlierOf(there, gone)


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
