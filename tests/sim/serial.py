"""The read models, told one event after the other, without a log, a batch or a fault (G3, G7).

The pure folds are the services' own; everything around them is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from contracts.envelope import Envelope, Position, Recorded, Topic
from kernel.process.react import projection
from kernel.project.documents import decode, encode_raw
from kernel.project.port import Projection
from kernel.store.documents import from_document
from tests.sim.evidence import Evidence
from tests.sim.reading import once

Json = dict[str, Any]


def as_told_one_by_one(evidence: Evidence) -> Iterator[str]:
    """Every document is what its events make of it, and holds nothing that waits."""
    told = list(_told(evidence))
    for service in evidence.services:
        decode = once(service.decode)
        story = [Recorded(one, decode(one.type, data)) for one, data in told]
        views = evidence.documents[service.name]
        for one in service.projections:
            yield from _differences(one, views[one.view], story, whole=True)
        for policy in service.policies:
            own = projection(policy)
            yield from _differences(own, views[own.view], story, whole=False)


def _told(evidence: Evidence) -> Iterator[tuple[Envelope, str]]:
    """All events of all services in one order that keeps streams and causes."""
    waiting = sorted(evidence.every_commit(), key=lambda one: (one["recorded_at"], one["_id"]))
    heads: defaultdict[str, int] = defaultdict(int)
    while waiting:
        ready = next((one for one in waiting if _can_be_told(one, heads)), None)
        if ready is None:
            return
        waiting.remove(ready)
        commit = from_document(ready)
        heads[commit.stream] = commit.last.version
        if commit.topic != Topic.PRIVATE:
            yield from commit.envelopes()


def _can_be_told(commit: Json, heads: dict[str, int]) -> bool:
    causes = map(Position.parse, commit["causes"])
    return commit["version"] == heads[commit["stream"]] + 1 and all(
        heads[one.stream] >= one.version for one in causes
    )


def _differences(
    one: Projection, found: dict[str, Json], story: list[Recorded], *, whole: bool
) -> Iterator[str]:
    told = _fold(one, story)
    if told.keys() != found.keys():
        yield f"G3 {one.name} holds {sorted(found)} instead of {sorted(told)}"
    for key in told.keys() & found.keys():
        body, heads = told[key]
        raw = found[key]
        if raw["_w"] != heads or "_parked" in raw:
            yield f"G3 {one.name} of {key} stands at {raw['_w']}, not at {heads}"
        yield from _unlike(one.name, key, body, raw, whole=whole)


def _unlike(name: str, key: str, body: Json, raw: Json, *, whole: bool) -> Iterator[str]:
    if whole:
        mine = {field: value for field, value in raw.items() if not field.startswith("_")}
        if decode(encode_raw(mine)) != decode(encode_raw(body)):
            yield f"G3 {name} of {key} is not what its events make of it"
    elif "state" not in raw:
        yield f"G3 {name} of {key} was told nothing"
    else:
        if raw["state"] != body["state"]:
            yield f"G3 {name} of {key} knows something else than it was told"
        # A timer may come too late to be right, and is then refused; nothing else stays undone.
        wrong = [one["reason"] for one in raw["refusals"] if one["reason"] != "refused"]
        if raw["todo"] or wrong:
            yield f"G3 {name} of {key} has left something undone: {wrong}"


def _fold(one: Projection, story: list[Recorded]) -> dict[str, tuple[Json, dict[str, int]]]:
    documents: dict[str, tuple[Json, dict[str, int]]] = {}
    for told in story:
        stream = told.envelope.stream
        key = one.key(stream) if told.event.topic in one.topics else None
        if key is not None:
            body, heads = documents.get(str(key), ({}, {}))
            after = one.fold(body, told)
            documents[str(key)] = after, {**heads, stream: told.envelope.version}
    return documents
