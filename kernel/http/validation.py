"""What is wrong with a request's fields, in words that never repeat what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kernel.http.problems import Kind, Problem, Wrong

MOST_SHOWN = 20

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")

_BY_PYDANTIC = re.compile(r"^\w+ should(?= )")
_RIGHT = {
    "missing": "is needed",
    "uuid_parsing": "must be a uuid",
    "uuid_type": "must be a uuid",
    "datetime_parsing": "must be a time in RFC 3339, such as 2026-11-22T09:30:00Z",
    "datetime_from_date_parsing": "must be a time in RFC 3339, such as 2026-11-22T09:30:00Z",
    "datetime_type": "must be a time in RFC 3339, such as 2026-11-22T09:30:00Z",
    "timezone_aware": "must be a time with its zone, such as 2026-11-22T09:30:00Z",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "tuple_type": "must be a JSON array",
    "list_type": "must be a JSON array",
}


def problem_of(errors: Sequence[Mapping[str, Any]], *inside: str) -> Problem:
    """The 400 for a body that is no JSON, the 422 that names each field otherwise."""
    if any(one["type"] == "json_invalid" for one in errors):
        return Problem(Kind.BAD_REQUEST, "The body is not well-formed JSON.")
    shown = tuple(_wrong({**one, "loc": (*inside, *one["loc"])}) for one in errors[:MOST_SHOWN])
    return Problem(Kind.INVALID, "See `errors` for each field and what is right.", errors=shown)


def _wrong(error: Mapping[str, Any]) -> Wrong:
    if error["type"] == "extra_forbidden":
        return Wrong(field=_field(error["loc"][:-1]), right="holds a field that is not known here")
    return Wrong(field=_field(error["loc"]), right=_right(error))


def _field(place: Sequence[Any]) -> str:
    return ".".join(_named(part) for part in place)


def _named(part: object) -> str:
    plain = isinstance(part, int) or (isinstance(part, str) and _FIELD.fullmatch(part))
    return str(part) if plain else "?"


def _right(error: Mapping[str, Any]) -> str:
    known = _RIGHT.get(error["type"])
    words = known or _BY_PYDANTIC.sub("must", str(error["msg"]).removeprefix("Value error, "))
    echoes = any(leaf in words for leaf in _leaves(error.get("input")))
    return "is not of the right form" if echoes and not known else words


def _leaves(value: object) -> Iterator[str]:
    """Each text or number in the input, to be looked for in a message."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name)
            yield from _leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _leaves(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
