"""The orders in which one history may stand on a log, and that a fold gives the same in each."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from uuid import UUID

from contracts.envelope import Position, Recorded
from kernel.project.documents import decode, encode_raw
from kernel.project.port import Body, Projection
from kernel.testing.diff import same


def shuffles_allowed_by_causes(
    history: Sequence[Recorded], count: int = 20, seed: int = 0
) -> Iterator[list[Recorded]]:
    """Random orders of these events: per stream by version, and each after the causes it names.

    Causes that are not part of the history are taken to stand before all of it.
    """
    chance = random.Random(seed)
    for _ in range(count):
        yield _one_order(list(history), chance)


def order_does_not_matter(
    projection: Projection, history: Sequence[Recorded], count: int = 20, seed: int = 0
) -> dict[UUID, Body]:
    """Fold every such order, in batches and one by one, and fail where two documents differ.

    The bodies are returned. A body must come back from the database as it was, else where a batch
    happens to end would show.
    """
    __tracebackhide__ = True
    expected = fold_all(projection, history)
    for order in shuffles_allowed_by_causes(history, count, seed):
        same(expected, fold_all(projection, order), "the order of concurrent events shows")
        same(expected, fold_all(projection, order, stored=True), "the database changes a body")
    return expected


def fold_all(
    projection: Projection, events: Sequence[Recorded], *, stored: bool = False
) -> dict[UUID, Body]:
    """The bodies after these events; `stored` writes and reads each after every event."""
    bodies: dict[UUID, Body] = {}
    for one in events:
        key = projection.key(one.envelope.stream)
        if key is not None:
            body = projection.fold(bodies.get(key, {}), one)
            bodies[key] = decode(encode_raw(body)) if stored else body
    return bodies


def _one_order(left: list[Recorded], chance: random.Random) -> list[Recorded]:
    order: list[Recorded] = []
    while left:
        waiting = {_position(one) for one in left}
        ready = [one for one in left if not _needs(one) & waiting]
        if not ready:
            raise ValueError("these events cause each other in a circle")
        chosen = chance.choice(ready)
        left.remove(chosen)
        order.append(chosen)
    return order


def _needs(one: Recorded) -> set[Position]:
    """What must stand before it; a cause at some version needs all below it, one by one."""
    stream, version = _position(one)
    return {Position(stream, version - 1), *one.envelope.causes}


def _position(one: Recorded) -> Position:
    return Position(one.envelope.stream, one.envelope.version)
