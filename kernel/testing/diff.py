"""Failure messages that show what was expected beside what came."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import ndiff
from typing import Any, NoReturn

from pydantic import BaseModel


def fail(words: str) -> NoReturn:
    """Fail with these words alone."""
    __tracebackhide__ = True
    raise AssertionError(words)


def same(expected: object, actual: object, what: str) -> None:
    """Fail with a line by line difference unless the two are equal."""
    __tracebackhide__ = True
    if expected != actual:
        fail(f"{what} (- expected, + actual)\n{difference(expected, actual)}")


def difference(expected: object, actual: object) -> str:
    """Both sides as lines, with those that differ marked."""
    lines = list(ndiff(lines_of(expected), lines_of(actual)))
    told_apart = any(line[:1] in "+-" for line in lines)
    return "\n".join(lines if told_apart else [f"- {expected!r}", f"+ {actual!r}"])


def lines_of(value: object) -> list[str]:
    """A value as readable lines: one per field."""
    if isinstance(value, BaseModel):
        return [type(value).__name__, *_indented(lines_of(value.model_dump(mode="json")))]
    if isinstance(value, Mapping):
        return [line for key in sorted(value, key=str) for line in _entry(str(key), value[key])]
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [line for one in value for line in lines_of(one)] or ["(nothing)"]
    return [json.dumps(value, default=str, ensure_ascii=False)]


def _entry(key: str, value: Any) -> list[str]:
    lines = lines_of(value)
    if len(lines) == 1:
        return [f"{key}: {lines[0]}"]
    return [f"{key}:", *_indented(lines)]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
