"""Writing to the log on Kafka: `acks=all`, idempotent where the broker can, one batch a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    CorruptRecordException,
    InvalidTimestampError,
    MessageSizeTooLargeError,
    NoError,
    NotEnoughReplicasAfterAppendError,
    NotEnoughReplicasError,
    RecordListTooLargeError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownError,
    UnsupportedVersionError,
    for_code,
)
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from kernel.kafka.protocol import ProduceQuestion
from kernel.kafka.session import Address, Session
from kernel.log import LogUnavailable, NotLetIn, Outgoing, Partition, RecordRefused

UNCOMPRESSED = 0
# Below the topics' max.message.bytes (1 MiB by default), so that a broker refuses none.
BATCH_BYTES = 900_000
BATCH_RECORDS = 1_000
REPEATS = 2
SEQUENCES = 2**31

REFUSALS = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    CorruptRecordException,
    InvalidTimestampError,
)
NOT_IDEMPOTENT = (UnknownError, UnsupportedVersionError, ClusterAuthorizationFailedError)
TRANSIENT = (NotEnoughReplicasError, NotEnoughReplicasAfterAppendError, RequestTimedOutError)
INVALID_RECORD = 87  # unknown to aiokafka


@dataclass
class Producer:
    """Id and epoch that a broker gave, and the next sequence number of each partition.

    Without an id (-1) the broker has no idempotent producer, or gave none.
    """

    id: int = -1
    epoch: int = -1
    sequences: defaultdict[Partition, int] = field(default_factory=lambda: defaultdict(int))

    def sequence(self, partition: Partition) -> int:
        """The sequence number of the next record."""
        return self.sequences[partition] if self.id >= 0 else -1

    def went_on(self, partition: Partition, count: int) -> None:
        """So many records were acknowledged."""
        self.sequences[partition] = (self.sequences[partition] + count) % SEQUENCES


@dataclass(frozen=True)
class _Connected:
    session: Session
    producer: Producer


class KafkaWriter:
    """A LogWriter. It never connects by itself: only `replace` does, with a new producer."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connected: _Connected | None = None

    async def send(self, partition: Partition, batch: Sequence[Outgoing]) -> list[int]:
        """Append in order and return the offsets; on LogUnavailable some may be there.

        Raises RecordRefused for what is too large before anything is sent; where the broker
        itself refuses, the records before the refused one are there.
        """
        connected = self._connected
        if connected is None:
            raise LogUnavailable(f"{self._address}: not connected")
        offsets: list[int] = []
        for part in _parts(batch):
            offsets += await _send_part(connected, partition, part, first=len(offsets))
        return offsets

    async def replace(self) -> None:
        """Connect anew as a new producer; what is under way on the old one comes to its end."""
        before, self._connected = self._connected, None
        if before:
            await before.session.retire()
        session = await Session.open(self._address)
        try:
            self._connected = _Connected(session, await _new_producer(session))
        except BaseException:
            await session.retire()
            raise

    async def close(self) -> None:
        """Close the connections."""
        before, self._connected = self._connected, None
        if before:
            await before.session.retire()


async def _new_producer(session: Session) -> Producer:
    question = InitProducerIdRequest(None, -1)  # type: ignore[arg-type]  # no transactions
    answer = await session.ask(session.any_node(), question, "producer id")
    error = for_code(answer.error_code)
    if error in NOT_IDEMPOTENT:
        return Producer()
    if error is not NoError:
        raise LogUnavailable(f"producer id: {error.__name__}")
    return Producer(answer.producer_id, answer.producer_epoch)


async def _send_part(
    connected: _Connected, partition: Partition, part: Sequence[Outgoing], first: int
) -> list[int]:
    """One batch; if the broker refuses it, record by record to find the culprit."""
    try:
        start = await _produce(connected, partition, part)
    except RecordRefused as refused:
        if len(part) == 1:
            raise RecordRefused(first, refused.reason) from refused
        singles = enumerate(part, first)
        sent = [await _send_part(connected, partition, [one], at) for at, one in singles]
        return [offset for (offset,) in sent]
    return list(range(start, start + len(part)))


async def _produce(connected: _Connected, partition: Partition, part: Sequence[Outgoing]) -> int:
    """Append one batch; the same bytes again while the broker says that it may work later."""
    session, producer = connected.session, connected.producer
    node, topic = session.leader(partition), partition.topic
    batch = _encode(producer, partition, part)
    question = ProduceQuestion(
        topic, session.topic_id(topic), partition.number, batch, session.patience_ms
    )
    code, offset = await _ask(session, node, question, partition)
    for _ in range(REPEATS):
        if for_code(code) in TRANSIENT:
            code, offset = await _ask(session, node, question, partition)
    _judge(partition, code, offset)
    producer.went_on(partition, len(part))
    return offset


async def _ask(
    session: Session, node: int, question: ProduceQuestion, partition: Partition
) -> tuple[int, int]:
    """Error code and offset."""
    answer = await session.ask(node, question, f"produce to {partition}")
    _, code, offset, *_ = answer.topics[0][1][0]
    return code, offset


def _judge(partition: Partition, code: int, offset: int) -> None:
    error = for_code(code)
    if error in REFUSALS or code == INVALID_RECORD:
        raise RecordRefused(0, error.__name__)
    if error is TopicAuthorizationFailedError:
        raise NotLetIn(f"produce to {partition}: no right to write to {partition.topic}")
    if error is not NoError or offset < 0:
        raise LogUnavailable(f"produce to {partition}: {error.__name__} ({code}), offset {offset}")


def _encode(producer: Producer, partition: Partition, part: Sequence[Outgoing]) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=UNCOMPRESSED,
        is_transactional=False,
        producer_id=producer.id,
        producer_epoch=producer.epoch,
        base_sequence=producer.sequence(partition),
        batch_size=BATCH_BYTES * 2,
    )
    for place, one in enumerate(part):
        builder.append(place, None, one.key, one.value, list(one.headers))
    return bytes(builder.build())


def _parts(batch: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Cut into batches that a broker takes. Raises RecordRefused for a record that is too large."""
    sizes = [_size(index, one) for index, one in enumerate(batch)]
    part: list[Outgoing] = []
    room = BATCH_BYTES
    for one, size in zip(batch, sizes, strict=True):
        if part and (size > room or len(part) == BATCH_RECORDS):
            yield part
            part, room = [], BATCH_BYTES
        part.append(one)
        room -= size
    if part:
        yield part


def _size(index: int, one: Outgoing) -> int:
    size: int = DefaultRecordBatchBuilder.estimate_size_in_bytes(
        one.key, one.value, list(one.headers)
    )
    if size > BATCH_BYTES:
        raise RecordRefused(index, f"{size} bytes, more than the {BATCH_BYTES} that the log takes")
    return size
