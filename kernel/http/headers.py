"""The headers of commands and questions: Idempotency-Key, If-Match, After."""

from __future__ import annotations

from uuid import UUID, uuid5

from starlette.datastructures import Headers

from contracts.envelope import Position
from kernel.decider import Actor
from kernel.http.problems import Kind, Problem
from kernel.observe.ids import read_uuid

MOST_POSITIONS = 16


def command_id(actor: Actor, route: str, headers: Headers) -> UUID:
    """`uuid5(organisation, actor, route, key)`; raises a 400 problem unless the key is a uuid."""
    own_actor = uuid5(actor.org, str(actor.id))
    return uuid5(uuid5(own_actor, route), str(_key(headers)))


def _key(headers: Headers) -> UUID:
    sent = headers.getlist("idempotency-key")
    key = read_uuid(sent[0]) if len(sent) == 1 else None
    if key is None:
        raise Problem(
            Kind.BAD_REQUEST,
            "Send one header `Idempotency-Key` with a new random uuid per command, and the same "
            "uuid again when you repeat it. Nothing else may stand in it.",
        )
    return key


def expected(stream: str, headers: Headers) -> int | None:
    """The version that `If-Match` asks for; None without it or for `*`.

    Raises a 412 problem for another stream's tag, a 400 one for what is no tag of ours.
    """
    sent = headers.getlist("if-match")
    if not sent or sent == ["*"]:
        return None
    tag = _tag(sent[0]) if len(sent) == 1 else None
    if tag is None:
        raise Problem(Kind.BAD_REQUEST, 'Send `If-Match` with one ETag of ours: "<stream>@<n>".')
    if tag.stream != stream:
        raise Problem(Kind.CHANGED, "The ETag in `If-Match` belongs to another record.")
    return tag.version


def etag(position: Position) -> str:
    """A stream's version as an ETag."""
    return f'"{position}"'


def _tag(text: str) -> Position | None:
    quoted = len(text) > 2 and text[0] == text[-1] == '"'
    return _position(text[1:-1]) if quoted else None


def after(headers: Headers) -> tuple[Position, ...]:
    """The positions to wait for; raises a 400 problem for what is neither one nor an ETag of ours.

    A proxy may have made the ETag weak; which position it names is the same.
    """
    parts = [one.strip() for line in headers.getlist("after") for one in line.split(",")]
    found = [_position(one) or _tag(one.removeprefix("W/")) for one in parts if one]
    if None in found or len(found) > MOST_POSITIONS:
        raise Problem(
            Kind.BAD_REQUEST,
            f"Send `After` with up to {MOST_POSITIONS} of <stream>@<version> or of ETags of ours, "
            "separated by commas.",
        )
    return tuple(one for one in found if one)


def _position(text: str) -> Position | None:
    if len(text) > 100 or not text.isascii():
        return None
    try:
        return Position.parse(text)
    except ValueError:
        return None
