"""Looks at a hub from outside: is what was acknowledged in the stores, on the log, in the models?

It knows the hub by its published shapes alone (tables of the design: commits, headers, `_w`) and
shares no code with it, nor its drivers' settings: pymongo and kafka-python as they come. Only what
is otherwise sound is folded once more, by reporting's own pure folds (`support_serial`).
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from zlib import crc32

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from pymongo import MongoClient

from tests.support_serial import folded_otherwise

TOPICS = ("rj.case", "rj.workforce", "rj.offer", "rj.feedback")
PARTITIONS = 16
STORES = ("rj_referral", "rj_consent", "rj_facilitation")
MODELS = "rj_reporting"
MOST = 10  # so many faults are shown, the first ones

Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A record of the log as it stands there."""

    place: tuple[str, int]
    key: str
    id: str
    type: str
    stream: str
    version: int
    causes: tuple[tuple[str, int], ...]
    value: str


class Kind(StrEnum):
    """What a fault takes from whoever relied on the hub."""

    LOST = "lost"
    DOUBLED = "doubled"
    GAP = "gaps"
    ORDER = "order faults"
    OTHERWISE = "documents otherwise"


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was acknowledged."""

    kind: Kind
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


Faults = Iterator[Fault]


@dataclass
class Checker:
    """What is wrong with a hub of which these commands were answered 2xx."""

    mongo: str
    kafka: str
    answers: list[Json] = field(default_factory=list)

    def is_sound(self) -> bool:
        """True; raises AssertionError with what is missing, doubled or out of order, if any is.

        So it does where the log cannot be read: an engine that begins again is waited for.
        """
        try:
            found = self.faults()
        except KafkaError as away:
            raise AssertionError(f"the log cannot be read: {away!r}") from away
        assert not found, f"{len(found)} faults: " + "\n".join(map(str, found[:MOST]))
        return True

    def faults(self) -> list[Fault]:
        """All that is wrong."""
        with MongoClient[Json](self.mongo, uuidRepresentation="standard") as client:
            commits, log = list(_commits(client)), list(records(self.kafka))
            found = [
                *_wrong_in_store(commits, self.answers),
                *_wrong_on_log(commits, [*map(_sent, log)]),
                *_wrong_in_models(client, commits),
            ]
            return found or [*_folded_otherwise(client, log)]


def _commits(client: MongoClient[Json]) -> Iterator[Json]:
    for name in STORES:
        for one in client[name].commits.find().sort([("stream", 1), ("version", 1)]):
            yield {**one, "store": name}


def records(bootstrap: str) -> Iterator[Any]:
    """Every record of every partition, in order."""
    where = [TopicPartition(topic, n) for topic in TOPICS for n in range(PARTITIONS)]
    with KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
        bootstrap_timeout_ms=10_000,
        allow_auto_create_topics=False,
    ) as consumer:
        consumer.assign(where)
        for one in where:
            consumer.seek(one, 0)
        silent = 0
        while silent < 2:
            batches = consumer.poll(timeout_ms=250)
            silent = 0 if batches else silent + 1
            for found in batches.values():
                yield from found


def _sent(record: Any) -> Sent:
    headers = {name: value.decode() for name, value in record.headers}
    return Sent(
        (record.topic, record.partition),
        record.key.decode(),
        headers["ce_id"],
        headers["ce_type"],
        headers["ce_stream"],
        int(headers["ce_version"]),
        tuple(_positions(headers.get("ce_causes", ""))),
        record.value.decode(),
    )


def _positions(text: str) -> Iterator[tuple[str, int]]:
    for stream, version in re.findall(r"([^\s,]+)@(\d+)", text):
        yield stream, int(version)


def _wrong_in_store(commits: list[Json], answers: list[Json]) -> Faults:
    """Dense streams, each command and each event once, and every answer in its commit."""
    yield from _holes(commits)
    yield from _twice("command", [(one["stream"], one["command_id"]) for one in commits])
    yield from _twice("event", [event["id"] for one in commits for event in one["events"]])
    last = {(one["stream"], one["version"] + one["n"] - 1): one for one in commits}
    for answer in answers:
        kept = last.get((answer["stream"], answer["version"]))
        if kept is None:
            yield Fault(
                Kind.LOST, f"acknowledged and not stored: {answer['stream']}@{answer['version']}"
            )
        elif _facts(kept["events"]) != _facts(answer["events"]):
            yield Fault(Kind.LOST, f"stored otherwise than acknowledged: {kept['_id']}")


def _facts(events: Iterable[Json]) -> list[tuple[str, Json]]:
    read = [(one["type"], one["data"]) for one in events]
    return [(type_, json.loads(data) if isinstance(data, str) else data) for type_, data in read]


def _holes(commits: list[Json]) -> Faults:
    heads: dict[str, int] = defaultdict(int)
    for one in commits:
        stream, version = one["stream"], one["version"]
        if version != heads[stream] + 1 or one["_id"] != f"{stream}@{version:010}":
            yield Fault(Kind.GAP, f"{one['_id']} follows {stream}@{heads[stream]}")
        heads[stream] = version + len(one["events"]) - 1


def _twice(what: str, ids: Iterable[object]) -> Faults:
    for one, n in Counter(ids).items():
        if n > 1:
            yield Fault(Kind.DOUBLED, f"{what} stored {n} times: {one}")


def _wrong_on_log(commits: list[Json], log: list[Sent]) -> Faults:
    """First occurrences equal the stores, dense, after their causes; the rest repeats them."""
    occurred: dict[str, Sent] = {}
    for one in log:
        occurred.setdefault(one.id, one)
    first = list(occurred.values())
    yield from _out_of_order(first)
    yield from _not_the_same(log, {one.id: one for one in first})
    there = {one.id: (*one.place, one.stream, one.version, one.type, one.value) for one in first}
    here = dict(_as_sent(commits))
    differ = [one for one in here.keys() & there.keys() if there[one] != here[one]]
    words = [
        *(f"not on the log: {here[one]}" for one in here.keys() - there.keys()),
        *(f"on the log alone: {there[one]}" for one in there.keys() - here.keys()),
        *(f"{there[one]} is {here[one]}" for one in differ),
        *(f"still pending: {one['_id']}" for one in commits if one.get("pending")),
    ]
    yield from (Fault(Kind.LOST, one) for one in words)


def _out_of_order(first: list[Sent]) -> Faults:
    """Only within a partition does one record stand before another."""
    heads: dict[str, int] = defaultdict(int)
    places = {one.stream: one.place for one in first}
    for one in first:
        if one.version != heads[one.stream] + 1:
            yield Fault(
                Kind.ORDER, f"{one.stream}@{one.version} follows @{heads[one.stream]} on the log"
            )
        heads[one.stream] = one.version
        for stream, version in one.causes:
            if heads[stream] < version and places.get(stream, one.place) == one.place:
                yield Fault(
                    Kind.ORDER,
                    f"{one.stream}@{one.version} stands before its cause {stream}@{version}",
                )


def _not_the_same(log: list[Sent], first: dict[str, Sent]) -> Faults:
    for one in log:
        if one != first[one.id]:
            yield Fault(
                Kind.DOUBLED, f"published anew, and not the same: {one.stream}@{one.version}"
            )


def _as_sent(commits: list[Json]) -> Iterator[tuple[str, tuple[str, int, str, int, str, str]]]:
    for one in commits:
        if one["topic"] in TOPICS:
            for place, event in enumerate(one["events"]):
                at = (one["topic"], lane(one["stream"]), one["stream"], one["version"] + place)
                yield event["id"], (*at, event["type"], event["data"])


def lane(stream: str) -> int:
    """The partition of a stream `<category>-<uuid>`, by its ordering key."""
    return crc32(stream.partition("-")[2].encode()) % PARTITIONS


def _wrong_in_models(client: MongoClient[Json], commits: list[Json]) -> Faults:
    """Each document has folded each stream of its case to the end, and nothing is parked."""
    for name in (*STORES, MODELS):
        if parked := client[name].parked.count_documents({}):
            yield Fault(Kind.GAP, f"{parked} parked in {name}")
    heads: dict[str, dict[str, int]] = defaultdict(dict)
    for one in (one for one in commits if one["topic"] == "rj.case"):
        heads[one["subject"]][one["stream"]] = one["version"] + one["n"] - 1
    for view in answering(client).values():
        documents = {str(one["_id"]): one for one in client[MODELS][view].find()}
        for case, expected in heads.items():
            if (folded := documents.get(case, {}).get("_w")) != expected:
                yield Fault(Kind.GAP, f"{view} of {case} has folded {folded} of {expected}")
    yield from _told_wrongly(client, commits)


def _folded_otherwise(client: MongoClient[Json], log: list[Any]) -> Faults:
    """Each document is what a serial fold of the log makes of it."""
    views = {
        view: {str(one["_id"]): one for one in client[MODELS][view].find()}
        for view in answering(client).values()
    }
    told = ((record.headers, record.value) for record in log)
    yield from (Fault(Kind.OTHERWISE, one) for one in folded_otherwise(told, views))


def answering(client: MongoClient[Json]) -> dict[str, str]:
    """The view of each read model that went live last."""
    return {one["name"]: one["view"] for one in client[MODELS].read_models.find()}


def _told_wrongly(client: MongoClient[Json], commits: list[Json]) -> Faults:
    """The timeline names each event of the case once."""
    happened: dict[str, list[str]] = defaultdict(list)
    for one in (one for one in commits if one["topic"] == "rj.case"):
        happened[one["subject"]] += [event["id"] for event in one["events"]]
    view = answering(client).get("timeline", "timeline")
    for document in client[MODELS][view].find():
        told = [str(one["id"]) for one in document["entries"]]
        if sorted(told) != sorted(happened[str(document["_id"])]):
            yield Fault(
                Kind.GAP, f"the timeline of {document['_id']} tells other events than happened"
            )
