"""Carrying out commands: load, decide, append; a known command gets its first answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Generic
from uuid import UUID

from pydantic import BaseModel

from contracts.envelope import Event, Position
from contracts.fields import OrganisationId, Role
from kernel.clock import Clock
from kernel.decider import Actor, C, Context, Decider, Refused, S
from kernel.store.encode import encode
from kernel.store.gather import EventStore
from kernel.store.loaded import Decode, Loaded, folded
from kernel.store.port import UNKNOWN_REQUEST, Commit, Conflict, StoreUnavailable
from kernel.store.turns import Turns

TRIES = 10
LONGEST_PAUSE = 0.25
DRY_RUN = UUID(int=0)


class NotKnown(Exception):
    """The actor sees no such subject: there is none, or it is not theirs to see."""


class KeyReused(Exception):
    """This command id has answered another request."""


class Changed(Exception):
    """The stream is not at the version that the request expects."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the stream is at version {version}")
        self.version = version


@dataclass(frozen=True, slots=True)
class Request:
    """Who sends a command, under which id, and why; `expected` is the version it was decided on."""

    command_id: UUID
    request_hash: str
    actor: Actor
    correlation: UUID
    causation: UUID | None = None
    causes: tuple[Position, ...] = ()
    traceparent: str | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command's answer: its commit and the stream's version after it."""

    stream: str
    version: int
    commit: Commit
    repeated: bool


def request_hash(key: bytes, body: BaseModel) -> str:
    """A keyed hash of what was asked: equal for equal requests, telling nothing without the key."""
    said = {"asked": type(body).__name__, "fields": body.model_dump(mode="json")}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), key=key, digest_size=32).hexdigest()


@dataclass(frozen=True, slots=True)
class _Order(Generic[C, S]):
    """One command on its way to its answer."""

    decider: Decider[C, S]
    subject: UUID
    command: C
    request: Request


class Commands:
    """Carries out commands on the streams of one service.

    Commands of one stream queue within the process; between processes the store's conflict
    check decides, and the loser decides again.
    """

    def __init__(
        self,
        store: EventStore,
        clock: Clock,
        source: str,
        decode: Decode,
        hub_org: OrganisationId,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._source = source
        self._decode = decode
        self._hub_org = hub_org
        self._pause = pause
        self._turns = Turns()

    async def execute(
        self, decider: Decider[C, S], subject: UUID, command: C, request: Request
    ) -> Accepted | Refused:
        """Carry out a command exactly once, however often it is sent.

        Accepted is durable. Refused is not remembered: the same command may be sent again.
        Raises NotKnown, KeyReused, Changed, CommitTooLarge, and StoreUnavailable when it could
        not be tried to the end.
        """
        order = _Order(decider, subject, command, request)
        async with self._turns.of(decider.stream(subject)):
            for place in range(TRIES):
                with suppress(Conflict):
                    return await self._try(order)
                await self._pause(_pause_after(place, request.command_id))
        raise StoreUnavailable(f"others came first {TRIES} times")

    async def dry_run(
        self,
        decider: Decider[C, S],
        subject: UUID,
        command: C,
        actor: Actor,
        as_of: datetime | None = None,
    ) -> list[Event] | Refused:
        """What `execute` would decide now, or would have decided at a moment; nothing is written.

        Raises NotKnown as `execute` does, also for a moment before the stream began.
        """
        loaded = await self.load(decider, subject)
        self._assert_known(decider, loaded, command, actor)
        if as_of is not None:
            loaded = self._until(decider, loaded, as_of)
            _assert_open(decider, loaded, command)
        now = as_of or await self._now(loaded)
        return _decide(decider, loaded, command, Context(now, DRY_RUN, actor, loaded.entries()))

    async def load(
        self, decider: Decider[C, S], subject: UUID, as_of: datetime | None = None
    ) -> Loaded[S]:
        """State, version and commits of a stream, as a majority has them, or had at a moment."""
        commits = await self._store.load(decider.stream(subject))
        loaded = folded(decider, commits, self._decode)
        return loaded if as_of is None else self._until(decider, loaded, as_of)

    def _until(self, decider: Decider[C, S], loaded: Loaded[S], as_of: datetime) -> Loaded[S]:
        return folded(decider, loaded.until(as_of), self._decode)

    async def _try(self, order: _Order[C, S]) -> Accepted | Refused:
        loaded = await self.load(order.decider, order.subject)
        known = loaded.answer(order.request.command_id)
        return _accepted(known, order.request, True) if known else await self._first(order, loaded)

    async def _first(self, order: _Order[C, S], loaded: Loaded[S]) -> Accepted | Refused:
        self._assert_known(order.decider, loaded, order.command, order.request.actor)
        _assert_expected(order.request, loaded)
        now = await self._now(loaded)
        request = order.request
        context = Context(now, request.command_id, request.actor, loaded.entries())
        decided = _decide(order.decider, loaded, order.command, context)
        if isinstance(decided, Refused):
            return decided
        commit = self._commit(order, loaded, decided, now)
        stored = await self._store.append(commit)
        return _accepted(stored, order.request, stored != commit)

    async def _now(self, loaded: Loaded[S]) -> datetime:
        now = await self._clock.now()
        return max(now, loaded.commits[-1].recorded_at) if loaded.commits else now

    def _assert_known(
        self, decider: Decider[C, S], loaded: Loaded[S], command: C, actor: Actor
    ) -> None:
        _assert_open(decider, loaded, command)
        if loaded.version and not self.sees(decider, loaded.state, actor):
            raise NotKnown

    def sees(self, decider: Decider[C, S], state: S, actor: Actor) -> bool:
        """Whether a stream in this state is the actor's to see."""
        everywhere = actor.org == self._hub_org or actor.role is Role.SYSTEM
        return everywhere or actor.org in {decider.controller(state), *decider.seen_by(state)}

    def _commit(
        self, order: _Order[C, S], loaded: Loaded[S], events: list[Event], now: datetime
    ) -> Commit:
        decider, request = order.decider, order.request
        stream = decider.stream(order.subject)
        after = decider.fold(events, loaded.state)
        return Commit(
            stream=stream,
            version=loaded.version + 1,
            subject=order.subject,
            topic=decider.topic,
            source=self._source,
            recorded_at=now,
            command_id=request.command_id,
            request_hash=request.request_hash,
            causation=request.causation,
            correlation=request.correlation,
            causes=request.causes,
            role=request.actor.role,
            org=request.actor.org,
            actor=request.actor.id,
            controller=decider.controller(after) or self._hub_org,
            traceparent=request.traceparent,
            events=encode(events, stream, request.command_id, order.command.happened_at or now),
        )


def _pause_after(place: int, command_id: UUID) -> float:
    """Ever longer, and another for each command, so that two processes do not keep in step."""
    return min(LONGEST_PAUSE, 0.002 * 2.0**place) * command_id.bytes[place] / 255


def _accepted(commit: Commit, request: Request, repeated: bool) -> Accepted:
    if commit.request_hash not in (request.request_hash, UNKNOWN_REQUEST):
        raise KeyReused
    return Accepted(commit.stream, commit.last.version, commit, repeated)


def _assert_open(decider: Decider[C, S], loaded: Loaded[S], command: C) -> None:
    if not loaded.version and not isinstance(command, decider.opens):
        raise NotKnown


def _assert_expected(request: Request, loaded: Loaded[S]) -> None:
    if request.expected not in (None, loaded.version):
        raise Changed(loaded.version)


def _decide(
    decider: Decider[C, S], loaded: Loaded[S], command: C, context: Context
) -> list[Event] | Refused:
    decided = decider.decide(command, loaded.state, context)
    if isinstance(decided, Refused):
        return decided
    if not decided or any(event.topic != decider.topic for event in decided):
        raise TypeError(
            f"{decider.category} must answer {type(command).__name__} with events of "
            f"{decider.topic}, or refuse it"
        )
    return decided
