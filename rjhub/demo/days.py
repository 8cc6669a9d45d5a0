"""Days that pass only when everybody has done what was to do: many stories, one calendar."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

Story = Coroutine[Any, Any, None]


class Days:
    """A calendar that stories share: `until` waits for a day, which comes when all others wait.

    `turn` is called with each day before anything happens on it.
    """

    def __init__(self, turn: Callable[[int], Awaitable[None]]) -> None:
        self.today = -1
        self._turn = turn
        self._busy = 0
        self._quiet = asyncio.Event()
        self._waiting: defaultdict[int, list[asyncio.Event]] = defaultdict(list)

    async def until(self, day: int) -> None:
        """Wait for a day; one that has come is not waited for."""
        if day <= self.today:
            return
        come = asyncio.Event()
        self._waiting[day].append(come)
        self._rest()
        await come.wait()

    async def play(self, stories: Collection[Story]) -> None:
        """Tell all stories to their end; the first that fails ends the others and is raised."""
        async with asyncio.TaskGroup() as group:
            self._busy = len(stories)
            tasks = [group.create_task(self._told(story)) for story in stories]
            while any(not one.done() for one in tasks):
                await self._quiet.wait()
                await self._next_day()

    async def _told(self, story: Story) -> None:
        await story
        self._rest()

    async def _next_day(self) -> None:
        self._quiet.clear()
        if not self._waiting:
            return
        self.today = min(self._waiting)
        await self._turn(self.today)
        come = self._waiting.pop(self.today)
        self._busy = len(come)
        for one in come:
            one.set()

    def _rest(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._quiet.set()
