"""The public log as it grows, for people and for programs."""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from contracts.codec import wire_types
from contracts.envelope import PARTITIONS, Envelope, MalformedEnvelope, Topic, lane_of
from kernel.log import LogIdentity, LogUnavailable
from rjhub.broker import Broker
from rjhub.child import HubError
from rjhub.ending import told_to_end
from rjhub.keeper import Say

POLL_MS = 500
SILENT_SECONDS = 3.0
COLUMNS = "{:<19}  {:<28}  {:<24}  {:<23}  {:<36}  {}"


class NoBroker(HubError):
    """The log cannot be read."""

    exit_code = 14


class UnknownEvent(HubError):
    """No event has this name."""

    exit_code = 2


@dataclass(frozen=True)
class Wanted:
    """Which events to show; without a case or types, all."""

    case: UUID | None = None
    types: frozenset[str] = frozenset()

    def partitions(self) -> list[TopicPartition]:
        """Where they may stand: all events of a case stand in one partition."""
        if self.case:
            return [TopicPartition(Topic.CASE, lane_of(self.case))]
        return [TopicPartition(topic, n) for topic in Topic.ALL for n in range(PARTITIONS)]

    def holds(self, envelope: Envelope) -> bool:
        """Whether an event is one of them."""
        return self.case in (None, envelope.subject) and (
            not self.types or envelope.type in self.types
        )


@dataclass
class Told:
    """The highest version per stream so far: what is not above it was told before."""

    highest: dict[str, int] = field(default_factory=dict)

    def first_time(self, envelope: Envelope) -> bool:
        """Whether the event is new; from then on it is not."""
        if envelope.version <= self.highest.get(envelope.stream, 0):
            return False
        self.highest[envelope.stream] = envelope.version
        return True


@dataclass
class Watch:
    """Tells a quiet log from a broker that is gone, of which a client that polls says nothing.

    It asks which log is there once nothing has come for some seconds, and again after as many.
    """

    ask: Callable[[], LogIdentity]
    say: Say
    clock: Callable[[], float] = time.monotonic
    asked_or_came: float = field(init=False)
    log: LogIdentity | None = None
    away: bool = False

    def __post_init__(self) -> None:
        self.asked_or_came = self.clock()

    def another_log(self, *, came: bool) -> bool:
        """To be told after each poll; whether there is another log, to be read from its start."""
        if came:
            self.asked_or_came = self.clock()
            self._is_back()
        elif self.clock() - self.asked_or_came >= SILENT_SECONDS:
            return self._look()
        return False

    def _look(self) -> bool:
        try:
            found = self.ask()
        except LogUnavailable as away:
            self._is_away(str(away))
            return False
        finally:
            self.asked_or_came = self.clock()
        if not all(found.of(topic) for topic in Topic.ALL):
            self._is_away("it lacks topics")
            return False
        self._is_back()
        before, self.log = self.log, found
        if before in (None, found):
            return False
        self.say("The log is another one, read from its start: what was told is not told again.")
        return True

    def _is_away(self, why: str) -> None:
        if not self.away:
            self.say(f"The broker does not answer: {why}. It is asked again until it does.")
        self.away = True

    def _is_back(self) -> None:
        if self.away:
            self.say("The broker answers again.")
        self.away = False


def types_named(names: list[str]) -> frozenset[str]:
    """Wire types by `MeetingHeld` or `rj.MeetingHeld.v1`; raises UnknownEvent."""
    return frozenset(type_ for name in names for type_ in _named(name))


def _named(name: str) -> list[str]:
    found = [one for one in wire_types() if name in (one, one.split(".")[1])]
    if not found:
        known = {one.split(".")[1] for one in wire_types()}
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"Did you mean {close[0]}?" if close else "docs/events.md lists them."
        raise UnknownEvent(f"No event is called {name!r}. {meant}")
    return found


def tail(
    at: Broker, wanted: Wanted, aside: Say, *, from_start: bool, in_json: bool, limit: int | None
) -> None:
    """Print events as they come, until there are `limit` of them, Ctrl-C, or nobody reads on.

    What is said of the log goes `aside`.
    """
    shown = islice(events(at, wanted, aside, from_start=from_start), limit)
    try:
        if not in_json:
            print(heading(), flush=True)  # noqa: T201
        for envelope, data in shown:
            print((as_json if in_json else row)(envelope, data), flush=True)  # noqa: T201
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def events(
    at: Broker, wanted: Wanted, aside: Say, *, from_start: bool
) -> Iterator[tuple[Envelope, dict[str, Any]]]:
    """Events as they come, each once; records that are none of ours are passed over.

    Not from the start, it begins near the end: a broker may count a batch as one record.
    """
    told = Told()
    for record in _records(at, wanted.partitions(), aside, from_start=from_start):
        try:
            envelope = Envelope.from_headers(record.headers)
            data = json.loads(record.value)
        except (MalformedEnvelope, ValueError, TypeError):
            continue
        if told.first_time(envelope) and wanted.holds(envelope):
            yield envelope, data


def _records(
    at: Broker, where: list[TopicPartition], aside: Say, *, from_start: bool
) -> Iterator[Any]:
    try:
        with KafkaConsumer(
            bootstrap_servers=at.bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=5000,
            **at.options,
        ) as consumer:
            consumer.assign(where)
            (consumer.seek_to_beginning if from_start else consumer.seek_to_end)(*where)
            for one in where:
                consumer.position(one)
            aside(f"Reading the log at {at}; Ctrl-C ends.")
            watch = Watch(partial(_identity, at), aside)
            # Interrupted in mid-call, the client may keep a lock that its close waits for.
            with told_to_end() as told:
                while not told.wait(0):
                    polled = consumer.poll(timeout_ms=POLL_MS)
                    if watch.another_log(came=bool(polled)):
                        consumer.seek_to_beginning(*where)
                    for batch in polled.values():
                        yield from batch
    except KafkaError as wrong:
        why = _why_not(at) or type(wrong).__name__
        raise NoBroker(f"The log cannot be read: {why}. {at.what_to_do()}") from None


def _identity(at: Broker) -> LogIdentity:
    return asyncio.run(at.identity())


def _why_not(at: Broker) -> str:
    try:
        _identity(at)
    except LogUnavailable as away:
        return str(away)
    return ""


def heading() -> str:
    """The first line of the table."""
    return COLUMNS.format("recorded (UTC)", "event", "place", "role", "case", "says")


def row(envelope: Envelope, data: dict[str, Any]) -> str:
    """An event as a line of the table."""
    return COLUMNS.format(
        envelope.recorded_at.strftime("%Y-%m-%d %H:%M:%S"),
        envelope.type.removeprefix("rj."),
        f"{envelope.stream.partition('-')[0]}@{envelope.version}",
        envelope.role,
        str(envelope.subject),
        " ".join(f"{name}={value}" for name, value in data.items() if _is_short(value)),
    ).rstrip()


def as_json(envelope: Envelope, data: dict[str, Any]) -> str:
    """An event as one line of JSON: its headers by their names, and its data."""
    headers = {
        name.removeprefix("ce_"): value.decode()
        for name, value in envelope.headers()
        if name.startswith("ce_")
    }
    return json.dumps({**headers, "data": data})


def _is_short(value: object) -> bool:
    """Codes, counts and moments; not lists, nor ids, which say nothing to a reader."""
    return value is not None and not isinstance(value, list | dict) and not _is_id(value)


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
