"""What a replica measures of itself, and what it says of a figure that is not to be had."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kernel.project.memory import MemoryQueue
from kernel.relay.memory import MemoryLog
from kernel.run import status
from kernel.run.engines import Engines
from kernel.run.status import Measured
from kernel.store.port import StoreUnavailable
from tests.support_relay import Service


async def _hangs(_: str) -> None:
    await asyncio.sleep(5)


async def _ahead() -> float:
    return 0.1


async def _unknown() -> float:
    raise StoreUnavailable


def engines(*, relay: bool = False, ahead: Any = _ahead) -> Engines:
    """Of a service without read models, whose outbox does not answer."""
    service = Service(MemoryLog())
    service.outbox.pause = _hangs
    found = SimpleNamespace(
        parts=SimpleNamespace(relay=service.relay() if relay else None, feeding=None),
        ports=SimpleNamespace(outbox=service.outbox, queue=MemoryQueue()),
        consumers=None,
        seconds_ahead=ahead,
    )
    return cast("Engines", found)


async def test_a_part_that_a_service_has_not_is_not_lacking() -> None:
    found = await Measured(engines())()
    assert (found.sending, found.reading, found.parked) == (None, None, {})
    assert found.lacking == ()


async def test_what_should_be_there_and_is_not_to_be_had_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "PATIENCE_SECONDS", 0.01)
    found = await Measured(engines(relay=True, ahead=_unknown))()
    assert (found.sending, found.clock_ahead_seconds) == (None, None)
    assert found.lacking == ("clock_ahead_seconds", "sending")
