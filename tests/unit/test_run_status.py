"""What a replica measures of itself, and what it says of a figure that is not to be had."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from contracts.envelope import Topic
from kernel.clock import FixedClock
from kernel.log import Partition
from kernel.project.memory import MemoryQueue
from kernel.relay.memory import MemoryLog
from kernel.relay.port import Lease, Mark
from kernel.run import status
from kernel.run.engines import Engines
from kernel.run.status import Measured
from kernel.store.port import StoreUnavailable
from tests.support_relay import NOW, Service, case_in, commit

LONG_SINCE = timedelta(hours=2064)


async def _hangs(_: str) -> None:
    await asyncio.sleep(5)


async def _ahead() -> float:
    return 0.1


async def _unknown() -> float:
    raise StoreUnavailable


def whose_outbox_hangs() -> Service:
    service = Service(MemoryLog())
    service.outbox.pause = _hangs
    return service


def engines(service: Service, *, relay: bool = False, ahead: Any = _ahead) -> Engines:
    """Of a service without read models."""
    found = SimpleNamespace(
        parts=SimpleNamespace(relay=service.relay() if relay else None, feeding=None),
        ports=SimpleNamespace(
            outbox=service.outbox, queue=MemoryQueue(), clock=FixedClock(NOW + LONG_SINCE)
        ),
        consumers=None,
        seconds_ahead=ahead,
    )
    return cast("Engines", found)


async def test_a_part_that_a_service_has_not_is_not_lacking() -> None:
    found = await Measured(engines(whose_outbox_hangs()))()
    assert (found.sending, found.reading, found.parked) == (None, None, {})
    assert found.lacking == ()


async def test_what_should_be_there_and_is_not_to_be_had_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "PATIENCE_SECONDS", 0.01)
    found = await Measured(engines(whose_outbox_hangs(), relay=True, ahead=_unknown))()
    assert (found.sending, found.clock_ahead_seconds) == (None, None)
    assert found.lacking == ("clock_ahead_seconds", "sending")


async def test_what_was_recorded_long_since_and_is_published_again_waits_since_then() -> None:
    """As after each start of a hub whose log was in memory."""
    service = Service(MemoryLog())
    sent = commit(case_in(3), 1)
    service.store.add(sent)
    here = {Partition(Topic.CASE, 3): Lease(3, "one", 1)}
    await service.outbox.settle(here[Partition(Topic.CASE, 3)], Topic.CASE, Mark("log"), [sent.id])
    await service.outbox.reopen(here)
    measured = Measured(engines(service, relay=True))
    found = (await measured()).sending
    assert found
    assert (found.commits, found.again) == (1, 1)
    assert found.oldest_seconds < 60
    service.store.add(commit(case_in(3), 2))
    found = (await measured()).sending
    assert found
    assert (found.commits, found.again) == (2, 1)
    assert found.oldest_seconds == LONG_SINCE.total_seconds()
