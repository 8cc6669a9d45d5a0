"""Attending a policy's documents: sending what stands there, firing what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from kernel import crash
from kernel.clock import Clock
from kernel.process.agenda import MOST_TRIES, Agenda, Refusal, Todo
from kernel.process.dispatch import Dispatcher, NotSent, Sent
from kernel.process.policy import Policy
from kernel.process.react import agenda_of, fire, projection
from kernel.process.rewrite import rewrite
from kernel.project.port import AtMost, Document, Documents, Projection

PAGE = 500
MOST_STEPS = 200  # a timer that arms itself in the past comes back with the next sweep


@dataclass(frozen=True)
class Attendant:
    """One policy at work on its documents.

    Whatever it does to a document is written only if nobody wrote it meanwhile, and is worked out
    anew if somebody did: folds, other replicas and it never undo each other's work. Any number of
    replicas may attend one document, and may die at any place: each command has one effect.

    `clock` is the earlier of the process's and the database's clock.
    """

    policy: Policy[Any]
    documents: Documents
    dispatcher: Dispatcher
    clock: Clock

    def __post_init__(self) -> None:
        self.dispatcher.check(self.policy)

    @cached_property
    def projection(self) -> Projection:
        """The policy as a projection."""
        return projection(self.policy)

    async def due(self, now: datetime) -> list[UUID]:
        """The documents where something may be sent or fired by then, by an index."""
        found: list[UUID] = []
        where = {"wake_at": AtMost(now)}
        while True:
            after = found[-1] if found else None
            page = await self.documents.page(self.projection.view, where, after=after, limit=PAGE)
            found += [one.id for one in page]
            if len(page) < PAGE:
                return found

    async def has_to_send(self, key: UUID) -> bool:
        """Whether commands wait in this document now."""
        document = await self.documents.get(self.projection.view, key)
        return document is not None and has_to_send(document)

    async def attend(self, key: UUID) -> timedelta | None:
        """Send and fire all that can go out of a document now; raises StoreUnavailable.

        How long it is until more can, by the clock; None where nothing waits, or a sweep finds it.
        Timers of a document that is parked fire too: the decider knows its own stream, so a
        timer that is too many is refused, and one too few would be unsafe.
        """
        document = await self.documents.get(self.projection.view, key)
        for _ in range(MOST_STEPS):
            agenda = agenda_of(self.policy, document.body if document else {})
            if document is None or agenda.wake_at is None:
                return None
            if todo := agenda.fresh():
                document = await self._send(document, todo)
                continue
            now = await self.clock.now()
            if timer := agenda.due(now):
                document = await self._fire(document, timer, agenda, now)
            elif todo := agenda.to_retry(now):
                document = await self._send(document, todo)
            else:
                return agenda.wake_at - now
        return None

    async def _send(self, document: Document, todo: Todo) -> Document | None:
        outcome = await self.dispatcher.send(self.policy, todo)
        crash.reached("after_dispatch")
        now = await self.clock.now() if isinstance(outcome, NotSent) else None
        return await self._rewrite(document, lambda agenda: _settled(agenda, todo, outcome, now))

    async def _fire(
        self, document: Document, timer: str, seen: Agenda, now: datetime
    ) -> Document | None:
        def fired(agenda: Agenda) -> Agenda:
            as_seen = agenda.timers.get(timer) == seen.timers[timer]
            return fire(self.policy, agenda, timer, now) if as_seen else agenda

        return await self._rewrite(document, fired)

    async def _rewrite(
        self, document: Document, how: Callable[[Agenda], Agenda]
    ) -> Document | None:
        return await rewrite(self.documents, self.policy, document, how)


def has_to_send(document: Document) -> bool:
    """Whether commands wait in a policy's document."""
    return bool(document.body.get("todo"))


def _settled(agenda: Agenda, todo: Todo, outcome: Sent | NotSent, now: datetime | None) -> Agenda:
    if isinstance(outcome, Sent) or now is None:
        return agenda.sent(todo)
    if outcome.again and todo.tries + 1 < MOST_TRIES:
        return agenda.put_off(todo, now)
    return agenda.refused(_refusal(todo, outcome, now))


def _refusal(todo: Todo, outcome: NotSent, now: datetime) -> Refusal:
    return Refusal(
        todo=todo, at=now, reason=outcome.reason, unmet=outcome.unmet, error=outcome.error
    )
