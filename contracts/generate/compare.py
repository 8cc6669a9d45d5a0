"""What may change within a version: nothing is removed, renamed, narrowed or newly demanded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from contracts.generate.schemas import Schema

FIXED = (
    *("type", "format", "const", "pattern", "additionalProperties", "x-topic"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "minLength", "maxLength"),
)


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a reader of the old schema would stumble over, or a writer of it violate.

    A new optional field and a new code of an enum are compatible; all else needs a new version.
    """
    return list(_breaks(old, new, old, new, "the event"))


def _breaks(old: Any, new: Any, olds: Schema, news: Schema, at: str) -> Iterator[str]:
    old, new = _resolved(old, olds), _resolved(new, news)
    for keyword in FIXED:
        if old.get(keyword) != new.get(keyword):
            yield f"{at}: {keyword} was {old.get(keyword)!r}, is {new.get(keyword)!r}"
    yield from _codes(old, new, at)
    yield from _fields(old, new, at)
    for name, before in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            yield from _breaks(before, new["properties"][name], olds, news, f"{at}.{name}")
    if "items" in old and "items" in new:
        yield from _breaks(old["items"], new["items"], olds, news, f"{at}[]")
    for one, other in zip_longest(old.get("anyOf", []), new.get("anyOf", []), fillvalue=Schema()):
        yield from _breaks(one, other, olds, news, at)


def _codes(old: Schema, new: Schema, at: str) -> Iterator[str]:
    gone = sorted(set(old.get("enum", ())) - set(new.get("enum", ())))
    if gone:
        yield f"{at}: the codes {', '.join(gone)} are gone"


def _fields(old: Schema, new: Schema, at: str) -> Iterator[str]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(set(old.get("properties", ())) - set(new.get("properties", ()))):
        yield f"{at}.{name}: is gone"
    for name in sorted(after - before):
        yield f"{at}.{name}: is demanded now"
    for name in sorted((before - after) & set(new.get("properties", ()))):
        yield f"{at}.{name}: may be absent now"


def _resolved(part: Any, whole: Schema) -> Schema:
    reference = part.get("$ref", "")
    found: Schema = whole["$defs"][reference.rpartition("/")[2]] if reference else part
    return found
