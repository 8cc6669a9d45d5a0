"""The in-memory log passes what a broker passes."""

from __future__ import annotations

import pytest

from kernel.log import Outgoing
from kernel.relay.memory import MemoryLog, MemoryWriter
from tests.adapters.log_suite import LogSuite


class TestMemoryLog(LogSuite):
    @pytest.fixture
    def reader(self) -> MemoryLog:
        log = MemoryLog()
        log.refuses = _too_large
        return log

    @pytest.fixture
    def writer(self, reader: MemoryLog) -> MemoryWriter:
        return reader.writer()

    @pytest.fixture
    def rival(self, reader: MemoryLog) -> MemoryWriter:
        return reader.writer()


def _too_large(one: Outgoing) -> str | None:
    return "too large" if len(one.value) > 900_000 else None
