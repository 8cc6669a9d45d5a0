"""What another service is asked, and what it can answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel

from contracts.envelope import Position
from kernel.decider import Actor, Refused


class PeerUnavailable(Exception):
    """The other service gave no answer that counts: whether it did anything is not known."""


class NotAllowed(Exception):
    """The other service does not let the caller's role do this: nothing was done."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A command for another service, sent on by whoever was asked first, in their own name.

    `key` is the command's Idempotency-Key: the same key is the same command.
    """

    service: str
    path: str
    body: BaseModel
    key: UUID
    after: tuple[Position, ...]
    actor: Actor
    authorization: str = field(repr=False)
    correlation: UUID
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the other service recorded: where its last event stands, and each one's data by type."""

    position: Position
    events: Mapping[str, Mapping[str, Any]]


class Peers(Protocol):
    """The other services."""

    async def tell(self, letter: Letter) -> Told | Refused:
        """Have a command carried out once, however often this letter is sent.

        Raises NotKnown where the other service does not know the record or the caller may not see
        it there, NotAllowed where the caller's role may not do it there, and PeerUnavailable, after
        which it may have been carried out.
        """
        ...


class NoPeers:
    """There is nobody else: for services that ask nothing."""

    async def tell(self, letter: Letter) -> Told | Refused:
        """Always PeerUnavailable."""
        raise PeerUnavailable(f"{letter.service} is not known here")
