"""Connections to a broker that answers and yet is of no use: none of them is left open."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from aiokafka.protocol.admin import ApiVersionResponse_v0
from aiokafka.protocol.transaction import InitProducerIdResponse_v0

from kernel.kafka.protocol import MetadataAnswer
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import LogUnavailable
from rjhub.child import LOCALHOST
from tests.support import eventually

VERSIONS, METADATA, PRODUCER_ID = 18, 3, 22
STILL_LOADING = 14
NO_TAGS: dict[int, bytes] = {}


@dataclass
class StillLoading:
    """A broker that has just started: it says who it is, and gives no producer id yet."""

    open: set[asyncio.StreamWriter] = field(default_factory=set)
    asked: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the caller goes."""
        self.open.add(writer)
        with suppress(asyncio.IncompleteReadError):
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                key, _, correlation = struct.unpack(">hhi", (await reader.readexactly(size))[:8])
                answer = struct.pack(">i", correlation) + self._answer(key)
                writer.write(struct.pack(">i", len(answer)) + answer)
        self.open.discard(writer)
        writer.close()

    def _answer(self, key: int) -> bytes:
        if key == VERSIONS:
            known = [(VERSIONS, 0, 0), (METADATA, 12, 12), (PRODUCER_ID, 0, 0)]
            return bytes(ApiVersionResponse_v0.SCHEMA.encode((0, known)))
        if key == METADATA:
            brokers = [(0, LOCALHOST, self.port, None, NO_TAGS)]
            return b"\0" + MetadataAnswer.SCHEMA.encode((0, brokers, "cluster", 0, [], NO_TAGS))
        assert key == PRODUCER_ID
        self.asked += 1
        return bytes(InitProducerIdResponse_v0.SCHEMA.encode((0, STILL_LOADING, -1, -1)))


@pytest.fixture
async def loading() -> AsyncIterator[StillLoading]:
    found = StillLoading()
    server = await asyncio.start_server(found.serve, LOCALHOST, 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


async def test_a_writer_that_gets_no_producer_leaves_no_connection_open(
    loading: StillLoading, caplog: pytest.LogCaptureFixture
) -> None:
    """What is left open is closed when the memory is needed, and said then."""
    writer = KafkaWriter(Address(f"{LOCALHOST}:{loading.port}", ()))
    for tried in range(1, 4):
        with pytest.raises(LogUnavailable, match="producer id"):
            await writer.replace()
        assert loading.asked == tried
    await eventually(lambda: not loading.open)
    assert "Unclosed" not in caplog.text
