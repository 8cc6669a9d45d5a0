"""A deterministic event loop: time is virtual, and a seed chooses what is next of what is ready."""

from __future__ import annotations

import asyncio
import heapq
from array import array
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextvars import Context
from hashlib import blake2b
from itertools import count
from typing import Any, TypeVar, TypeVarTuple

from kernel.crash import Crashed
from kernel.testing.simulate.tickets import Passport, Ready, Timer

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

WORLD = "world"
AT_ONCE = -(2**63)
MOST_STEPS = 5_000_000
STEPS_TO_END = 20_000


class Stuck(AssertionError):
    """Nothing is left that could ever happen, or things go on for ever."""


class SimLoop(asyncio.AbstractEventLoop):
    """One thread, no selector, no clock of the machine.

    Same seed, same program: the same steps. The order follows from seed, task and turn alone, so
    that a set that is gone through in another order changes nothing. Time goes on only when
    nothing is ready. Each task, timer and callback has the owner in whose name it was made: a
    process of the simulated world, which can be frozen, or killed without another word.
    """

    def __init__(self, seed: int) -> None:
        self.owner = WORLD
        self.steps = 0
        self.failures: list[str] = []
        self._seed, self._now = seed, 0.0
        self._numbers, self._serials = count(), count()
        self._ready: list[Ready] = []
        self._timers: list[Timer] = []
        self._frozen: defaultdict[str, list[Ready]] = defaultdict(list)
        self._still: set[str] = set()
        self._dead: set[str] = set()
        self._buried: list[Ready] = []
        self._closed = False
        self._passports: dict[asyncio.Task[Any], Passport] = {}
        self._trace = blake2b(digest_size=16)
        self._untraced = array("q")

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run until this is done; raises Stuck where it never will be."""
        asyncio._set_running_loop(self)  # noqa: SLF001  what every loop does
        try:
            task = self.create_task(main)
            while not task.done():
                self._step()
            result: T = task.result()
            return result
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001

    def trace(self) -> str:
        """A hash of every step so far, and of what was noted."""
        self._digest()
        return self._trace.hexdigest()

    def note(self, text: str) -> None:
        """Let something be part of the trace."""
        self._digest()
        self._trace.update(text.encode())

    def _digest(self) -> None:
        self._trace.update(self._untraced.tobytes())
        del self._untraced[:]

    def spawn(self, owner: str, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task in somebody's name."""
        before, self.owner = self.owner, owner
        try:
            return self.create_task(coro)
        finally:
            self.owner = before

    def kill(self, owner: str) -> None:
        """Nothing of this owner ever runs again: no handler, no `finally`."""
        self._dead.add(owner)
        self._buried += self._frozen.pop(owner, [])
        for task, passport in self._passports.items():
            if passport.owner == owner:
                task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001

    def dead(self, owner: str) -> bool:
        """Whether it was killed."""
        return owner in self._dead

    def freeze(self, owner: str) -> None:
        """Nothing of this owner runs until it is thawed; its timers go on."""
        self._still.add(owner)

    def thaw(self, owner: str) -> None:
        """Go on where it stood."""
        self._still.discard(owner)
        for one in self._frozen.pop(owner, ()):
            heapq.heappush(self._ready, one)

    def close(self) -> None:
        """Let every task come to its end, the dead ones' too: nothing is left to complain."""
        asyncio._set_running_loop(self)  # noqa: SLF001
        self._closed = True
        self._dead.clear()
        self._still.clear()
        for one in (*self._buried, *(one for held in self._frozen.values() for one in held)):
            heapq.heappush(self._ready, one)
        try:
            self._end_tasks()
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001

    def _end_tasks(self) -> None:
        last = self.steps + STEPS_TO_END
        for task in self._passports:
            task.cancel()
        while self._ready and self.steps < last:
            self._step()

    def time(self) -> float:
        """Virtual seconds since the beginning."""
        return self._now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """A step of a task takes its place by the seed; a plain callback comes before all tasks."""
        handle = asyncio.Handle(callback, args, self, context)
        task = getattr(callback, "__self__", None)
        if isinstance(task, asyncio.Task):
            self._push(*self._turn(task), handle)
        else:
            self._push(AT_ONCE, self.owner, handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """When virtual time has come."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        timer = Timer(max(when, self._now), next(self._numbers), self.owner, handle)
        heapq.heappush(self._timers, timer)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """After so many virtual seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Any, *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[Any]:
        """A task of whoever runs now."""
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What nobody caught is a finding, unless who raised it is dead."""
        wrong = context.get("exception")
        if not (self._closed or self.owner in self._dead or isinstance(wrong, Crashed)):
            self.failures.append(f"{self.owner}: {context['message']}: {wrong!r}")

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """While anybody can ask."""
        return True

    def is_closed(self) -> bool:
        """It needs no closing."""
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its time comes."""

    def _turn(self, task: asyncio.Task[Any]) -> tuple[int, str]:
        passport = self._passports.get(task)
        if passport is None:
            passport = self._passports[task] = Passport(self.owner, next(self._serials))
        passport.turns += 1
        return hash((self._seed, passport.serial, passport.turns)), passport.owner

    def _push(self, priority: int, owner: str, handle: asyncio.Handle) -> None:
        heapq.heappush(self._ready, Ready(priority, next(self._numbers), owner, handle))

    def _step(self) -> None:
        if not self._ready:
            self._let_time_pass()
        one = heapq.heappop(self._ready)
        if one.owner in self._dead:
            self._buried.append(one)
        elif one.owner in self._still:
            self._frozen[one.owner].append(one)
        elif not one.handle.cancelled():
            self._run(one)

    def _run(self, one: Ready) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Stuck(f"no end after {MOST_STEPS} steps")
        self._untraced.append(one.priority)
        self.owner = one.owner
        try:
            one.handle._run()  # noqa: SLF001  what every loop does
        finally:
            self.owner = WORLD

    def _let_time_pass(self) -> None:
        while self._timers and self._timers[0].handle.cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise Stuck("nothing is left that could happen")
        self._now = self._timers[0].when
        while self._timers and self._timers[0].when <= self._now:
            timer = heapq.heappop(self._timers)
            self._push(AT_ONCE, timer.owner, timer.handle)
