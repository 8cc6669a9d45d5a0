"""Trying again in place: for ever while the database is away, not for ever while it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog

from kernel.project.reading import explain
from kernel.store.port import StoreUnavailable

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

FIRST_WAIT, LONGEST_WAIT = 0.05, 30.0
# A batch is halved soon; one event alone is judged after some six seconds of answered pings.
TRIES, LAST_TRIES = 3, 8

log = structlog.get_logger(__name__)


class Persisting(Exception):
    """A step failed again and again while the database answered; the words name the error."""


def waits() -> Iterator[float]:
    """How long to wait before each next try: twice as long each time, up to half a minute."""
    wait = FIRST_WAIT
    while True:
        yield wait
        wait = min(2 * wait, LONGEST_WAIT)


class Steady:
    """Runs steps against a database that may be away."""

    def __init__(self, ping: Callable[[], Awaitable[None]], sleep: Sleep = asyncio.sleep) -> None:
        self._ping, self._sleep = ping, sleep

    async def until_done(self, step: Callable[[], Awaitable[T]]) -> T:
        """Repeat a step until it succeeds, however long the database is away."""
        for wait in waits():
            try:
                return await step()
            except Exception as wrong:  # noqa: BLE001  whatever it is, giving up would lose events
                log.warning("database_step_failed", error=explain(wrong), again_in=wait)
            await self._sleep(wait)
        raise AssertionError

    async def until_judged(self, step: Callable[[], Awaitable[T]], *, tries: int = TRIES) -> T:
        """Repeat a step; raises Persisting when it failed that often while pings were answered."""
        answered = 0
        for wait in waits():
            try:
                return await step()
            except Exception as wrong:  # noqa: BLE001  see above
                answered = answered + 1 if await self._answers() else 0
                log.warning("database_step_failed", error=explain(wrong), answered=answered)
                if answered >= tries:
                    raise Persisting(explain(wrong)) from None
            await self._sleep(wait)
        raise AssertionError

    async def _answers(self) -> bool:
        try:
            await self._ping()
        except StoreUnavailable:
            return False
        return True
