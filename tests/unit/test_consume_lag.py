"""Lag by position: events that wait, and since when."""

from __future__ import annotations

from datetime import timedelta

from kernel.consume.lag import Lag, Lags
from kernel.consume.seat import Seat
from tests.support_folds import LOG, NOW, partition_of, step

HERE = partition_of(step(1).envelope)
MINUTE = timedelta(minutes=1)


def seat(position: int, *, again: bool = False) -> Seat:
    found = Seat(LOG, None, again=again)
    found.done = position
    return found


def test_nothing_waits_at_the_end() -> None:
    assert Lags("reader").of(HERE, seat(5), 5, NOW) == Lag("reader", HERE, 0, 0.0)


def test_before_the_first_fetch_nothing_is_known_to_wait() -> None:
    assert Lags("reader").of(HERE, seat(0), None, NOW).events == 0


def test_a_look_before_the_first_fetch_is_not_taken_for_having_nothing_to_read() -> None:
    lags, behind = Lags("reader"), seat(3)
    lags.of(HERE, behind, None, NOW)
    behind.folded_to = NOW - timedelta(days=2)
    assert lags.of(HERE, behind, 10, NOW + MINUTE).seconds == 2 * 86400 + 60


def test_one_that_never_folded_is_behind_since_it_was_first_looked_at() -> None:
    lags = Lags("reader")
    lags.of(HERE, seat(0), None, NOW)
    assert lags.of(HERE, seat(0), 10, NOW + MINUTE).seconds == 60
    assert lags.of(HERE, seat(0), 10, NOW + 2 * MINUTE).seconds == 120


def test_what_waits_is_counted_from_the_position() -> None:
    assert Lags("reader").of(HERE, seat(3), 10, NOW).events == 7


def test_a_replay_shows_which_day_it_has_reached() -> None:
    behind = seat(3)
    behind.folded_to = NOW - timedelta(days=2)
    assert Lags("reader").of(HERE, behind, 10, NOW).seconds == 2 * 86400


def test_what_was_folded_before_and_is_read_again_is_behind_since_the_first_look() -> None:
    """Nobody waits for what stands on another log a second time, however old it is."""
    lags, here = Lags("reader"), seat(0, again=True)
    lags.of(HERE, here, None, NOW)
    here.done, here.folded_to = 3, NOW - timedelta(days=90)
    assert lags.of(HERE, here, 10, NOW + MINUTE).seconds == 60


def test_what_is_read_again_is_behind_as_any_other_once_it_was_level() -> None:
    lags, here = Lags("reader"), seat(10, again=True)
    lags.of(HERE, here, 10, NOW)
    here.folded_to = NOW + 3 * MINUTE
    assert lags.of(HERE, here, 12, NOW + 5 * MINUTE).seconds == 120


def test_a_case_that_was_quiet_for_days_is_behind_only_since_an_event_waits() -> None:
    lags, here = Lags("reader"), seat(3)
    here.folded_to = NOW - timedelta(days=2)
    lags.of(HERE, here, 3, NOW)
    assert lags.of(HERE, here, 4, NOW + MINUTE).seconds == 60


def test_a_clock_that_lags_behind_the_events_gives_no_negative_age() -> None:
    ahead = seat(3)
    ahead.folded_to = NOW + MINUTE
    assert Lags("reader").of(HERE, ahead, 4, NOW).seconds == 0
