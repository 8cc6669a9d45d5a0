"""Trying again: for ever while the database is away, not for ever while it answers."""

from __future__ import annotations

from itertools import islice

import pytest

from kernel.project.steady import LONGEST_WAIT, Persisting, Steady, waits
from kernel.store.port import StoreUnavailable


class Database:
    """Fails so often; its ping is answered or not."""

    def __init__(self, failures: int, *, answers: bool) -> None:
        self.failures, self.answers = failures, answers
        self.tried, self.slept = 0, 0.0

    async def step(self) -> str:
        self.tried += 1
        if self.tried <= self.failures:
            raise StoreUnavailable("no answer")
        return "done"

    async def ping(self) -> None:
        if not self.answers:
            raise StoreUnavailable("no answer")

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def steady(self) -> Steady:
        return Steady(self.ping, self.sleep)


def test_waits_double_up_to_half_a_minute() -> None:
    found = list(islice(waits(), 20))
    assert found[:3] == [0.05, 0.1, 0.2]
    assert max(found) == found[-1] == LONGEST_WAIT == 30


async def test_while_away_a_step_is_repeated_for_ever() -> None:
    database = Database(200, answers=False)
    assert await database.steady().until_judged(database.step, tries=2) == "done"
    assert await database.steady().until_done(database.step) == "done"
    assert database.slept > 3600


async def test_a_step_that_fails_while_pings_are_answered_is_judged() -> None:
    database = Database(99, answers=True)
    with pytest.raises(Persisting, match="StoreUnavailable"):
        await database.steady().until_judged(database.step, tries=3)
    assert database.tried == 3


async def test_a_short_fault_is_got_over() -> None:
    database = Database(2, answers=True)
    assert await database.steady().until_judged(database.step, tries=3) == "done"


async def test_only_failures_in_a_row_count() -> None:
    """An outage between two failures begins the count anew."""
    database = Database(4, answers=True)
    pings: list[bool] = []

    async def ping() -> None:
        pings.append(len(pings) != 1)
        if not pings[-1]:
            raise StoreUnavailable("no answer")

    assert await Steady(ping, database.sleep).until_judged(database.step, tries=3) == "done"


async def test_an_error_of_any_kind_is_named_without_its_words() -> None:
    async def step() -> None:
        raise ValueError("Jane Doe")

    database = Database(0, answers=True)
    with pytest.raises(Persisting) as caught:
        await database.steady().until_judged(step, tries=1)
    assert "ValueError" in str(caught.value)
    assert "Jane" not in str(caught.value)
