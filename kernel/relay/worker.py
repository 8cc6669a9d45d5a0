"""Keeps one outlet going while there is something to send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress

from kernel.relay.outlet import Outlet, Progress, StoreBehindLog
from kernel.relay.pace import delays
from kernel.relay.port import LeaseLost

FIRST_LOOK_FOR_CAUSES = 0.02
LONGEST_LOOK_FOR_CAUSES = 1.0

Spawn = Callable[[Coroutine[object, object, None]], asyncio.Task[None]]
Note = Callable[["Worker", Exception | None], None]


class Worker:
    """Steps an outlet until nothing is left; whatever fails is tried again, ever more slowly."""

    def __init__(self, outlet: Outlet, note: Note) -> None:
        self.outlet = outlet
        self._note = note
        self._rung = asyncio.Event()
        self._left = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self, spawn: Spawn) -> None:
        """There may be something to send."""
        self._rung.set()
        if not self._left.is_set() and (self._task is None or self._task.done()):
            self._task = spawn(self._work())

    def leave(self) -> None:
        """Begin no further step."""
        self._left.set()
        self._rung.set()

    async def stop(self, patience: float) -> None:
        """Let the step under way come to its end, for so long at most."""
        self.leave()
        if self._task and self._task is not asyncio.current_task():
            await asyncio.wait({self._task}, timeout=patience)
            self._task.cancel()

    async def _work(self) -> None:
        failures, looks = delays(), _looks()
        while self._rung.is_set() and not self._left.is_set():
            self._rung.clear()
            match await self._step():
                case Progress.MOVED | Progress.PAGED:
                    failures, looks = delays(), _looks()
                    self._rung.set()
                case Progress.WAITING:
                    await self._wait(self._rung, next(looks))
                case None:
                    await self._wait(self._left, next(failures))

    async def _step(self) -> Progress | None:
        """One step; None when it failed and is to be tried again."""
        try:
            progress = await self.outlet.step()
        except (LeaseLost, StoreBehindLog) as over:
            self._left.set()
            self._note(self, over)
            return Progress.DONE
        except Exception as failed:  # noqa: BLE001  one lane's fault must not stop another's
            self._note(self, failed)
            return None
        self._note(self, None)
        return progress

    async def _wait(self, sooner: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(sooner.wait(), seconds)
        self._rung.set()


def _looks() -> Iterator[float]:
    return delays(FIRST_LOOK_FOR_CAUSES, LONGEST_LOOK_FOR_CAUSES)
