"""A small language of events for tests of consumers and folds: who steps, and how far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.envelope import Envelope, Event, Position, Recorded, lane_of
from contracts.fields import Count
from kernel.log import Outgoing, Partition, Record
from kernel.project.port import Body, Projection
from kernel.testing.builders import an_id, recorded

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LOG = "cluster/topic"
ALICE, BOB, CAROL = (an_id(name) for name in ("alice", "bob", "carol"))


Fold = Callable[[Body, Recorded], Body]


class Stepped(Event):
    """Somebody went so many steps."""

    steps: Count


class Stumbled(Event):
    """An event at which the fold of these tests fails."""

    steps: Count


def decode(wire_type: str, data: str) -> Event:
    """Read an event of these tests."""
    known = {one.wire_type(): one for one in (Stepped, Stumbled)}
    return known[wire_type].model_validate_json(data)


class Shaky:
    """A fold that fails at Stumbled while it is `broken`, and otherwise lists the steps."""

    def __init__(self) -> None:
        self.broken = True

    def __call__(self, body: Body, one: Recorded) -> Body:
        if isinstance(one.event, Stumbled) and self.broken:
            raise RuntimeError("secret of " + str(one.event.steps))
        assert isinstance(one.event, Stepped | Stumbled)
        place = [one.envelope.stream.partition("-")[0], one.envelope.version, one.event.steps]
        return {"seen": sorted([*body.get("seen", []), place])}


def walk(fold: Fold | None = None, name: str = "walk", **fields: Any) -> Projection:
    """The projection of these tests; its fold fails at Stumbled."""
    return Projection(name, fold or Shaky(), **fields)


def nothing(*_: object) -> Any:
    """A fold that forgot to return its document."""


def at(stream: str, version: int, who: UUID = ALICE) -> Position:
    """A position such as referral-<alice>@3."""
    return Position(f"{stream}-{who}", version)


def step(
    version: int,
    *,
    of: str = "referral",
    who: UUID = ALICE,
    event: Event | None = None,
    causes: tuple[Position, ...] = (),
    **fields: Any,
) -> Recorded:
    """An event of somebody's stream, recorded `version` minutes after the start."""
    return recorded(
        event or Stepped(steps=version),
        stream=of,
        version=version,
        at=NOW + timedelta(minutes=version),
        subject=who,
        causes=causes,
        id=an_id(f"{of} {who} {version}"),
        **fields,
    )


def outgoing(one: Recorded) -> Outgoing:
    """The event as the relay would send it."""
    return Outgoing(
        str(one.envelope.subject).encode(),
        tuple(one.envelope.headers()),
        one.event.model_dump_json().encode(),
    )


def partition_of(envelope: Envelope, topic: str = "rj.case") -> Partition:
    """Where the event belongs."""
    return Partition(topic, lane_of(envelope.subject))


def neighbour_of(who: UUID) -> UUID:
    """Somebody else whose events lie in the same partition."""
    return next(one for n in range(10**6) if lane_of(one := UUID(int=n)) == lane_of(who))


def record(one: Recorded, offset: int = 0) -> Record:
    """The event as it stands on the log."""
    sent = outgoing(one)
    return Record(partition_of(one.envelope), offset, sent.key, sent.headers, sent.value)


def undecodable(one: Recorded, offset: int = 0) -> Record:
    """A record whose envelope is right and whose body is not."""
    good = record(one, offset)
    return Record(good.partition, offset, good.key, good.headers, b'{"steps": "Jane Doe"')


def of_an_unknown_version(one: Recorded, offset: int = 0) -> Record:
    """A record of a schema version that nobody here knows."""
    good = record(one, offset)
    headers = tuple((n, b"rj.Stepped.v9" if n == "ce_type" else v) for n, v in good.headers)
    return Record(good.partition, offset, good.key, headers, good.value)


def unreadable(partition: Partition, offset: int = 0) -> Record:
    """A record that has nothing of ours."""
    return Record(partition, offset, b"", (("ce_id", b"Jane Doe"),), b"\xff\x00")
