"""What aiokafka says of a group that cannot begin yet."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorForGroupError,
)

from kernel.consume.polling import LOG_OF_GROUPS


class Client:
    """aiokafka's own, of a broker that names a group's coordinator at the second question."""

    def __init__(self, refusal: KafkaError) -> None:
        self._refusals = [refusal]

    async def coordinator_lookup(self, *_: object) -> int:
        if self._refusals:
            raise self._refusals.pop()
        return 0

    async def force_metadata_update(self) -> None: ...

    async def ready(self, _: int, *, group: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("refusal", "level"),
    [
        (GroupCoordinatorNotAvailableError(), logging.INFO),
        (NotCoordinatorForGroupError(), logging.ERROR),
    ],
    ids=["not yet", "something else"],
)
async def test_a_broker_that_has_no_coordinator_yet_is_no_error(
    caplog: pytest.LogCaptureFixture, refusal: KafkaError, level: int
) -> None:
    """Its first group waits for a topic of its own, and aiokafka asks again ten times a second."""
    group: Any = SimpleNamespace(
        coordinator_id=None,
        group_id="reader",
        _client=Client(refusal),
        _closing=asyncio.get_running_loop().create_future(),
        _coordinator_lookup_lock=asyncio.Lock(),
        _retry_backoff_ms=0,
    )
    await GroupCoordinator.ensure_coordinator_known(group)
    (said,) = (one for one in caplog.records if one.name == LOG_OF_GROUPS.name)
    assert "Coordinator" in said.getMessage()
    assert said.levelno == level
