"""A relay that is told to end does end, and gives back what it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from contracts.envelope import PARTITIONS
from kernel.relay.memory import MemoryLog
from kernel.relay.pace import Pace
from kernel.relay.relay import Relay
from tests.support import eventually
from tests.support_relay import Service
from tests.support_relay_engines import running
from tests.support_virtual import in_virtual_time

QUICK = Pace(beat=0.02, sweep=0.05, look=0.02, ring=0.01)


@pytest.mark.parametrize("end", [Relay.stop, None], ids=["stopped", "cancelled"])
@in_virtual_time
async def test_a_relay_ends_although_its_driver_loses_a_cancellation(
    end: Callable[[Relay], None] | None,
) -> None:
    service, under_way, lost = Service(MemoryLog()), asyncio.Event(), asyncio.Event()

    async def lose_one(operation: str) -> None:
        if operation == "leases.beat" and not lost.is_set():
            under_way.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            lost.set()

    relay, other = service.relay("one", pace=QUICK), service.relay("two", pace=QUICK)
    relay._leases.pause = lose_one  # type: ignore[attr-defined]  # only the twin has it
    task = asyncio.create_task(relay.run())
    await under_way.wait()
    end(relay) if end else task.cancel()
    async with running(other):
        await eventually(task.done)
        await eventually(lambda: other.health().lanes == PARTITIONS)
    assert lost.is_set()
