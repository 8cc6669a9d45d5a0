"""The log as others read it: clients, CloudEvents SDK and JSON Schema validator are not ours.

What they are told is what subscribers are: the files in `contracts/`, the address of a listener,
and what its broker wants to know besides.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError
from confluent_kafka import TopicPartition as Assigned
from jsonschema import Draft202012Validator
from kafka import KafkaConsumer, TopicPartition

from rjhub.stack.rights import ANALYST

CONTRACTS = Path(__file__).parents[1] / "contracts"
# kafka-python's names of what librdkafka calls so, where they do not follow from each other.
OTHER_NAMES = {
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
}


@dataclass(frozen=True)
class Listener:
    """Where subscribers are served; options by librdkafka's names: `sasl.username` and so on."""

    bootstrap: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A record as another client has read it."""

    topic: str
    partition: int
    key: str
    headers: Mapping[str, str]
    value: str

    @property
    def type(self) -> str:
        return self.headers["ce_type"]

    @property
    def place(self) -> tuple[str, int]:
        """Stream and version."""
        return self.headers["ce_stream"], int(self.headers["ce_version"])

    @property
    def causes(self) -> list[tuple[str, int]]:
        """The places that it says come before it."""
        named = self.headers.get("ce_causes", "")
        pairs = (one.rpartition("@") for one in named.split(",") if one)
        return [(stream, int(version)) for stream, _, version in pairs]


def by_kcat(listener: Listener, topics: Iterable[str]) -> list[Told]:
    """What stands on these topics, as kcat (in C) reads it to their end."""
    needs_kcat()
    return [one for topic in topics for one in _by_kcat(listener, topic)]


def needs_kcat() -> None:
    """Skip the test where there is none."""
    if not shutil.which("kcat"):
        pytest.skip("kcat is missing: apt-get install -y --no-install-recommends kcat")


@contextmanager
def kcat_environment() -> Iterator[Mapping[str, str]]:
    """No settings of its user's, and the librdkafka of confluent-kafka, where that brings one.

    What Debian 12 has (2.0) doubles a nonce of SCRAM and misreads the embedded broker's greeting.
    """
    brought = Path(str(distribution("confluent-kafka").locate_file("confluent_kafka.libs")))
    with TemporaryDirectory() as folder:
        for one in brought.glob("librdkafka-*.so.1"):
            (Path(folder) / "librdkafka.so.1").symlink_to(one)
        yield {**os.environ, "KCAT_CONFIG": "/dev/null", "LD_LIBRARY_PATH": folder}


def _by_kcat(listener: Listener, topic: str) -> list[Told]:
    options = [f"-X{name}={value}" for name, value in listener.options.items()]
    read = ("kcat", "-b", listener.bootstrap, *options, "-C", "-t", topic, "-o", "beginning")
    with kcat_environment() as env:
        ended = subprocess.run(
            [*read, "-e", "-q", "-J"],
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
            env=env,
        )
    assert ended.returncode == 0, ended.stderr
    return [_of_kcat(json.loads(line)) for line in ended.stdout.splitlines()]


def _of_kcat(said: dict[str, Any]) -> Told:
    names_and_values = iter(said["headers"])
    headers = dict(zip(names_and_values, names_and_values, strict=True))
    return Told(said["topic"], said["partition"], said["key"], headers, said["payload"])


def by_kafka_python(listener: Listener, topics: Iterable[str]) -> list[Told]:
    """What stands on these topics, as kafka-python reads it to their end."""
    with KafkaConsumer(**_for_kafka_python(listener), allow_auto_create_topics=False) as consumer:
        where = [
            TopicPartition(one, n) for one in topics for n in consumer.partitions_for_topic(one)
        ]
        consumer.assign(where)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(where)
        found: list[Told] = []
        while any(consumer.position(one) < end for one, end in ends.items()):
            for records in consumer.poll(timeout_ms=1000).values():
                found += map(_of_kafka_python, records)
    return found


def _of_kafka_python(record: Any) -> Told:
    headers = {name: value.decode() for name, value in record.headers}
    return Told(record.topic, record.partition, record.key.decode(), headers, record.value.decode())


def _for_kafka_python(listener: Listener) -> dict[str, str]:
    named = {
        OTHER_NAMES.get(name, name.replace(".", "_")): value
        for name, value in listener.options.items()
    }
    if "security_protocol" in named:
        named["security_protocol"] = named["security_protocol"].upper()
    return {"bootstrap_servers": listener.bootstrap, **named}


def by_librdkafka(listener: Listener, topics: Iterable[str]) -> list[Told]:
    """What stands on these topics, as confluent-kafka (librdkafka) reads it to their end."""
    told = {"bootstrap.servers": listener.bootstrap, **listener.options, "group.id": ANALYST}
    consumer = Consumer({**told, "enable.auto.commit": False, "enable.partition.eof": True})
    found: list[Told] = []
    try:
        where = [
            Assigned(topic, number, OFFSET_BEGINNING)
            for topic in topics
            for number in consumer.list_topics(topic, timeout=20).topics[topic].partitions
        ]
        consumer.assign(where)
        left = len(where)
        while left:
            record = consumer.poll(timeout=20)
            assert record is not None, f"{left} partitions do not come to their end"
            if (error := record.error()) is None:
                found.append(_of_librdkafka(record))
            elif error.code() == KafkaError._PARTITION_EOF:
                left -= 1
            else:
                raise AssertionError(error)
    finally:
        consumer.close()
    return found


def _of_librdkafka(record: Any) -> Told:
    headers = {name: value.decode() for name, value in record.headers()}
    key, value = record.key().decode(), record.value().decode()
    return Told(record.topic(), record.partition(), key, headers, value)


Read = Callable[[Listener, Iterable[str]], list[Told]]
READERS: dict[str, Read] = {
    "kcat": by_kcat,
    "kafka-python": by_kafka_python,
    "librdkafka": by_librdkafka,
}


def understood(told: Told) -> BaseCloudEvent:
    """The record as the CloudEvents SDK takes it, by its headers alone."""
    headers = {name: value.encode() for name, value in told.headers.items()}
    return from_kafka_event(KafkaMessage(headers, told.key, told.value.encode()))


def assert_understood(told: Told) -> None:
    """The CloudEvents SDK finds in the headers what they say, and the data in the value."""
    event = understood(told)
    assert event.get_specversion() == "1.0"
    assert event.get_id() == told.headers["ce_id"]
    assert (event.get_type(), event.get_subject()) == (told.type, told.key)
    assert event.get_data() == json.loads(told.value)


def assert_as_promised(told: Told) -> None:
    """Raise ValidationError unless headers and data are as AsyncAPI document and schema say."""
    described = _file("asyncapi.json")
    assert told.type in described["channels"][told.topic]["messages"]
    _validator("asyncapi.json", "components", "schemas", "Headers").validate(dict(told.headers))
    _validator(f"schemas/{told.type}.json").validate(json.loads(told.value))


@cache
def _file(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTRACTS / name).read_text())
    return found


@cache
def _validator(file: str, *path: str) -> Draft202012Validator:
    schema = _file(file)
    for name in path:
        schema = schema[name]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
