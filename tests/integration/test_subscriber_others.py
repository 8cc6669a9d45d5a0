"""Whoever subscribes with a client of their own reads every event as the contract says."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from zlib import crc32

import pytest
from jsonschema import ValidationError

from contracts.envelope import Topic, lane_of
from contracts.generate.catalogue import Entry, published
from contracts.generate.headers import sample_envelope
from contracts.generate.samples import sample_of
from kernel.kafka.session import Address
from kernel.kafka.writer import KafkaWriter
from kernel.log import Outgoing, Partition
from tests.support_readers import (
    READERS,
    Listener,
    Read,
    Told,
    assert_as_promised,
    understood,
)

EVERY = published()
VALUES = {entry.type: json.loads(sample_of(entry)) for entry in EVERY}


@pytest.fixture
async def listener(hub_broker: str) -> Listener:
    """A log with one of every event, written as the relay writes."""
    writer = KafkaWriter(Address(hub_broker, Topic.ALL))
    await writer.replace()
    by_partition: defaultdict[Partition, list[Outgoing]] = defaultdict(list)
    for entry in EVERY:
        by_partition[_where(entry)].append(_sent(entry))
    for partition, batch in by_partition.items():
        await writer.send(partition, batch)
    await writer.close()
    return Listener(hub_broker)


def _where(entry: Entry) -> Partition:
    return Partition(entry.event.topic, lane_of(sample_envelope(entry).subject))


def _sent(entry: Entry) -> Outgoing:
    envelope = sample_envelope(entry)
    value = json.dumps(VALUES[entry.type]).encode()
    return Outgoing(str(envelope.subject).encode(), tuple(envelope.headers()), value)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
async def test_every_event_is_read_and_is_as_promised(read: Read, listener: Listener) -> None:
    told = read(listener, Topic.ALL)
    assert sorted(one.type for one in told) == sorted(VALUES)
    for one in told:
        assert_as_promised(one)
        assert json.loads(one.value) == VALUES[one.type]
        assert one.partition == crc32(one.key.encode()) % 16


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
async def test_the_cloudevents_sdk_understands_every_event(read: Read, listener: Listener) -> None:
    for one in read(listener, Topic.ALL):
        event = understood(one)
        assert event.get_specversion() == "1.0"
        assert event.get_type() == one.type
        assert event.get_data() == VALUES[one.type]
        assert event.get_subject() == one.key
        assert event.get_extension("version") == "7"


def a_record() -> Told:
    envelope = sample_envelope(EVERY[0])
    headers = {name: value.decode() for name, value in envelope.headers()}
    value = json.dumps(VALUES[EVERY[0].type])
    return Told(Topic.CASE, 0, str(envelope.subject), headers, value)


def test_a_record_as_promised_is_valid() -> None:
    assert_as_promised(a_record())


@pytest.mark.parametrize(
    ("header", "value"),
    [("ce_id", "7"), ("ce_subject", "Jane"), ("ce_role", "burglar"), ("ce_version", "0")],
)
def test_a_header_that_is_not_as_promised_is_noticed(header: str, value: str) -> None:
    broken = replace(a_record(), headers={**a_record().headers, header: value})
    with pytest.raises(ValidationError):
        assert_as_promised(broken)


@pytest.mark.parametrize("more", [{"name": "Jane"}, {"setting": "elsewhere"}, {"setting": None}])
def test_data_that_is_not_as_promised_is_noticed(more: dict[str, object]) -> None:
    data = json.loads(a_record().value) | more
    with pytest.raises(ValidationError):
        assert_as_promised(replace(a_record(), value=json.dumps(data)))
