"""The read models as their log tells them, one event after the other, without a batch or a fault.

The pure folds are reporting's own; everything around them is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.codec import decode as decode_event
from contracts.envelope import Envelope, Recorded
from kernel.project.documents import decode, encode_raw
from kernel.project.port import Body, Projection
from services.reporting.app import SERVICE

Headers = Iterable[tuple[str, bytes]]
Views = Mapping[str, Mapping[str, Mapping[str, Any]]]


def folded_otherwise(log: Iterable[tuple[Headers, bytes]], views: Views) -> Iterator[str]:
    """Each document that is not what the log makes of it, in words.

    `log` has headers and values as they stand there, repeats too; `views` the stored documents by
    view and id. A view of another release is not looked at.
    """
    story = list(_story(log))
    for one in SERVICE.projections:
        for view in views:
            if view == one.view or view.startswith(f"{one.view}_"):
                yield from _differences(view, _folded(one, story), views[view])


def _story(log: Iterable[tuple[Headers, bytes]]) -> Iterator[Recorded]:
    seen = set[object]()
    for headers, value in log:
        envelope = Envelope.from_headers(tuple(headers))
        if envelope.id not in seen:
            seen.add(envelope.id)
            yield Recorded(envelope, decode_event(envelope.type, value.decode()))


def _folded(one: Projection, story: Iterable[Recorded]) -> dict[str, Body]:
    bodies: dict[str, Body] = {}
    for told in story:
        key = one.key(told.envelope.stream) if told.event.topic in one.topics else None
        if key is not None:
            bodies[str(key)] = one.fold(bodies.get(str(key), {}), told)
    return bodies


def _differences(
    view: str, told: Mapping[str, Body], found: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    for key in told.keys() | found.keys():
        kept = {name: one for name, one in found.get(key, {}).items() if not name.startswith("_")}
        if decode(encode_raw(kept)) != decode(encode_raw(told.get(key, {}))):
            yield f"{view} of {key} is not what its events make of it"
