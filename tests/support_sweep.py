"""Every place where a caller can write, taken from what the services say of themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import quote
from uuid import uuid4

from rjhub.organisations import HUB

Json = dict[str, Any]
Place = tuple[str | int, ...]

HEADERS = (
    "Idempotency-Key",
    "X-Correlation-Id",
    "traceparent",
    "tracestate",
    "baggage",
    "After",
    "If-Match",
    "Accept",
    "Content-Type",
    "Cookie",
    "Forwarded",
    "From",
    "Origin",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Request-Id",
)


class Tokens(Protocol):
    """What callers have: a token by organisation and role."""

    tokens: dict[str, dict[str, str]]

    def headers(self, role: str, organisation: str) -> dict[str, str]:
        """The headers of a call."""
        ...


@dataclass(frozen=True)
class Sending:
    """One request, as it goes out."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes = b""


@dataclass(frozen=True)
class Operation:
    """A method of an address, with a right body where it takes one."""

    service: str
    method: str
    path: str
    caller: dict[str, str]
    ids: dict[str, str]
    parameters: tuple[str, ...]
    body: Json | None = field(default=None)

    def at(self, url: str, **ids: str) -> Sending:
        """The request that would be right, but for these ids."""
        path = self.path
        for name, value in {**self.ids, **ids}.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        key = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        sent = Sending(self.method, url + path, {**self.caller, **key})
        return sent if self.body is None else _with(sent, self.body)


def operations(service: str, described: Json, file: Tokens, case: str) -> Iterator[Operation]:
    """What a service's OpenAPI document offers, each called by somebody who may."""
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            asked = one.get("parameters", [])
            content = one.get("requestBody", {}).get("content", {}).get("application/json")
            yield Operation(
                service,
                method.upper(),
                path,
                caller(file, one["x-roles"]),
                {
                    p["name"]: case if p["name"] == "case" else str(uuid4())
                    for p in asked
                    if p["in"] == "path"
                },
                tuple(p["name"] for p in asked if p["in"] == "query"),
                content and content.get("example", {}),
            )


def caller(file: Tokens, roles: list[str]) -> dict[str, str]:
    """The header of somebody in one of these roles, of the hub if there is one."""
    organisations = [HUB, *file.tokens]
    return next(
        file.headers(role, one)
        for one in organisations
        for role in roles
        if role in file.tokens[one]
    )


def tainted(one: Operation, url: str, words: str) -> Iterator[Sending]:
    """The operation once per place where a caller can write, with the words in it."""
    right = one.at(url)
    for name in one.ids:
        yield one.at(url, **{name: words})
    for name in (*one.parameters, words):
        yield replace(right, url=f"{right.url}?{quote(name)}={quote(words)}")
    if one.body is not None:
        yield from (_with(right, body) for body in _bodies(one.body, words))


def tainted_elsewhere(one: Operation, url: str, words: str) -> Iterator[Sending]:
    """The operation with the words in each header, in a body that is no JSON, in one too large."""
    right = one.at(url)
    for name in HEADERS:
        yield replace(right, headers={**right.headers, name: words})
    yield replace(right, headers={**right.headers, f"X-{quote(words)}": words})
    yield replace(right, headers={**right.headers, "Authorization": f"Basic {words}"})
    for content in (f'{{"{words}": ', words, f'["{words}"]', f'"{words * 2000}"'):
        yield replace(right, content=content.encode())


def _with(sent: Sending, body: object) -> Sending:
    return replace(sent, content=json.dumps(body).encode())


def _bodies(right: Json, words: str) -> Iterator[object]:
    """The body with the words for each of its values and as a name beside each."""
    yield {**right, words: words}
    for place in _places(right):
        for wrong in (words, {words: words}, [words]):
            yield _put(right, place, wrong)


def _places(value: object, place: Place = ()) -> Iterator[Place]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for name, one in inner:
        yield (*place, name)
        yield from _places(one, (*place, name))


def _put(value: Any, place: Place, new: object) -> Any:
    if not place:
        return new
    first, rest = place[0], place[1:]
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    changed[first] = _put(value[first], rest, new)
    return changed
