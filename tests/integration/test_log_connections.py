"""Brokers that answer, and yet are of no use: what they say is not taken for what it is not."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
import uvloop
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import ApiVersionResponse_v0
from aiokafka.protocol.fetch import FetchResponse_v4
from aiokafka.protocol.offset import OffsetResponse_v1
from aiokafka.protocol.transaction import InitProducerIdResponse_v0

from contracts.envelope import Topic
from kernel.kafka.connection import create_conn
from kernel.kafka.protocol import NO_ID, MetadataAnswer, MetadataQuestion
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import LogUnavailable, Partition
from rjhub.child import LOCALHOST
from tests.support import eventually

HERE = Partition(Topic.CASE, 0)
FETCH, END, METADATA, VERSIONS, PRODUCER_ID = 1, 2, 3, 18, 22
KNOWN = [(FETCH, 4, 4), (END, 1, 1), (METADATA, 12, 12), (VERSIONS, 0, 0), (PRODUCER_ID, 0, 0)]
LEADER_NOT_AVAILABLE, STILL_LOADING = 5, 14
NO_TAGS: dict[int, bytes] = {}


@dataclass
class Young:
    """A broker that has just started, with one partition, of which it has just become the leader.

    It gives no producer id yet, and does not know yet how far the others have followed it.
    """

    open: set[asyncio.StreamWriter] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    knows_its_end: bool = False
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the caller goes."""
        self.open.add(writer)
        with suppress(asyncio.IncompleteReadError):
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                key, _, correlation = struct.unpack(">hhi", (await reader.readexactly(size))[:8])
                self.asked.append(key)
                answer = struct.pack(">i", correlation) + self._answer(key)
                writer.write(struct.pack(">i", len(answer)) + answer)
        self.open.discard(writer)
        writer.close()

    def _answer(self, key: int) -> bytes:
        topic, number = HERE
        end = 0 if self.knows_its_end else LEADER_NOT_AVAILABLE
        answers = {
            VERSIONS: ApiVersionResponse_v0.SCHEMA.encode((0, KNOWN)),
            METADATA: b"\0" + MetadataAnswer.SCHEMA.encode(self._metadata()),
            PRODUCER_ID: InitProducerIdResponse_v0.SCHEMA.encode((0, STILL_LOADING, -1, -1)),
            FETCH: FetchResponse_v4.SCHEMA.encode((0, [(topic, [(number, 0, 0, 0, [], b"")])])),
            END: OffsetResponse_v1.SCHEMA.encode(([(topic, [(number, end, -1, 0)])],)),
        }
        return bytes(answers[key])

    def _metadata(self) -> tuple[object, ...]:
        brokers = [(0, LOCALHOST, self.port, None, NO_TAGS)]
        alone: list[int] = [0]
        partitions = [(0, HERE.number, 0, 0, alone, alone, alone[1:], NO_TAGS)]
        topics = [(0, HERE.topic, NO_ID, False, partitions, 0, NO_TAGS)]
        return 0, brokers, "cluster", 0, topics, NO_TAGS


@asynccontextmanager
async def serving() -> AsyncIterator[Young]:
    found = Young()
    server = await asyncio.start_server(found.serve, LOCALHOST, 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


@pytest.fixture
async def young() -> AsyncIterator[Young]:
    async with serving() as found:
        yield found


def address(broker: Young) -> Address:
    return Address(f"{LOCALHOST}:{broker.port}", (HERE.topic,))


async def test_a_writer_that_gets_no_producer_leaves_no_connection_open(
    young: Young, caplog: pytest.LogCaptureFixture
) -> None:
    """What is left open is closed when the memory is needed, and said then."""
    writer = KafkaWriter(address(young))
    for tried in range(1, 4):
        with pytest.raises(LogUnavailable, match="producer id"):
            await writer.replace()
        assert young.asked.count(PRODUCER_ID) == tried
    await eventually(lambda: not young.open)
    assert "Unclosed" not in caplog.text


async def test_what_a_new_leader_does_not_show_yet_is_not_taken_for_lost(young: Young) -> None:
    """The relay would take it for another log, and publish its whole store again."""
    reader = KafkaReader(address(young))
    with pytest.raises(LogUnavailable, match="LeaderNotAvailable"):
        await reader.at(HERE, 7)
    young.knows_its_end = True
    assert await reader.at(HERE, 7) is None
    await reader.close()


def test_what_is_sent_on_a_lost_connection_ends_in_an_error_of_kafka() -> None:
    """On the loop of the services, which has errors of its own for that."""

    async def lose_and_send() -> None:
        async with serving() as young:
            connection = await create_conn(LOCALHOST, young.port)
            connection._writer.transport.abort()
            await asyncio.sleep(0)  # the loop knows by now, and the connection does not
            with pytest.raises(KafkaConnectionError, match="closed=True"):
                await connection.send(MetadataQuestion((HERE.topic,)))
            assert not connection.connected()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(lose_and_send())
