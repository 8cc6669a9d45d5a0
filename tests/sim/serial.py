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
Documents = dict[str, tuple[Json, dict[str, int]]]

_DEALT: dict[tuple[str, str], Documents] = {}


def as_told_one_by_one(evidence: Evidence) -> Iterator[str]:
    """Every document is what its events make of it, and holds nothing that waits."""
    told = list(_told(evidence))
    for service in evidence.services:
        decode = once(service.decode)
        story = [Recorded(one, decode(one.type, data)) for one, data in told]
        views = evidence.documents[service.name]
        for one in service.projections:
            yield from _differences(_fold(one, evidence, story), one, views[one.view], whole=True)
        for policy in service.policies:
            own = projection(policy)
            yield from _differences(_fold(own, evidence, story), own, views[own.view], whole=False)


def _told(evidence: Evidence) -> Iterator[tuple[Envelope, str]]:
    """All events of all services in one order that keeps streams and causes, the dealt first."""

    def place(one: Json) -> tuple[bool, str, str]:
        return one["_id"] not in evidence.dealt.commits, one["recorded_at"], one["_id"]

    waiting = sorted(evidence.every_commit(), key=place)
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
    told: Documents, one: Projection, found: dict[str, Json], *, whole: bool
) -> Iterator[str]:
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
        if mine != body and decode(encode_raw(mine)) != decode(encode_raw(body)):
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


def _fold(one: Projection, evidence: Evidence, story: list[Recorded]) -> Documents:
    """What was dealt is folded once for all histories that were dealt it."""
    dealt, known = evidence.dealt, (evidence.dealt.deck, one.name)
    if known not in _DEALT:
        before = [told for told in story if told.envelope.commit in dealt.commits]
        _DEALT[known] = _continued(one, {}, before)
    since = [told for told in story if told.envelope.commit not in dealt.commits]
    return _continued(one, _DEALT[known], since)


def _continued(one: Projection, documents: Documents, story: list[Recorded]) -> Documents:
    after = {**documents}
    for told in story:
        stream = told.envelope.stream
        key = one.key(stream) if told.event.topic in one.topics else None
        if key is not None:
            body, heads = after.get(str(key), ({}, {}))
            heads = {**heads, stream: told.envelope.version}
            after[str(key)] = one.fold(body, told), heads
    return after
