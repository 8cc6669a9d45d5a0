"""One golden sample per event version: written once, never edited."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.fields import Part
from contracts.generate.catalogue import Entry

MOMENT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FEW = 2


def sample_of(entry: Entry) -> str:
    """An event with every field filled, as indented JSON; the same in every run."""
    return _part(entry.event, 0).model_dump_json(indent=2) + "\n"


def _part(model: type[Part], place: int) -> Part:
    fields = model.model_fields.items()
    return model(
        **{
            name: _value(field.annotation, f"{model.__name__}.{name}", place)
            for name, field in fields
        }
    )


def _value(kind: Any, path: str, place: int) -> Any:
    kind = getattr(kind, "__supertype__", kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(inner[0], path, place)
    if origin in (Union, UnionType):
        return _value(next(one for one in inner if one is not NoneType), path, place)
    if origin is tuple:
        return tuple(_value(inner[0], path, at) for at in range(_few(inner[0])))
    return _plain(kind, path, place)


def _few(kind: Any) -> int:
    return min(FEW, len(kind)) if _is_enum(kind) else FEW


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _plain(kind: Any, path: str, place: int) -> Any:
    if _is_enum(kind):
        members = list(kind)
        return members[place % len(members)]
    if isinstance(kind, type) and issubclass(kind, Part):
        return _part(kind, place)
    if kind is UUID:
        return uuid5(NAMESPACE_URL, f"urn:rjhub:sample:{path}:{place}")
    return {bool: True, int: place + 1}.get(kind, MOMENT)
