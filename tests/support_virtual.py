"""Tests whose waiting takes no time."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import ParamSpec

from kernel.testing.simulate.loop import SimLoop
from kernel.testing.spec import NOW

P = ParamSpec("P")


def in_virtual_time(test: Callable[P, Coroutine[object, object, None]]) -> Callable[P, None]:
    """Run the test in a loop of its own, in which time passes when there is nothing else to do."""

    @functools.wraps(test)
    def run(*args: P.args, **given: P.kwargs) -> None:
        loop = SimLoop(0)  # type: ignore[abstract]  # it has no sockets, threads or signals
        try:
            loop.run(test(*args, **given))
        finally:
            loop.close()
        assert loop.failures == []

    return run


class VirtualClock:
    """Shows the time that has passed in the test's loop."""

    async def now(self) -> datetime:
        """The present moment."""
        return NOW + timedelta(seconds=asyncio.get_running_loop().time())
