"""A policy's document: its state, what is still to be sent, armed timers and refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.envelope import Position, Recorded
from kernel.decider import Unmet

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DELAY, LONGEST_DELAY = timedelta(milliseconds=500), timedelta(minutes=1)
MOST_TRIES = 20


class _Note(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cause(_Note):
    """The event behind a command or an armed timer."""

    event: UUID
    stream: str
    version: int
    correlation: UUID
    traceparent: str | None

    @classmethod
    def of(cls, one: Recorded) -> Cause:
        """The cause that this event is."""
        return cls(
            event=one.envelope.id,
            stream=one.envelope.stream,
            version=one.envelope.version,
            correlation=one.envelope.correlation,
            traceparent=one.envelope.traceparent,
        )

    @property
    def position(self) -> Position:
        """Where the event stands."""
        return Position(self.stream, self.version)


class Armed(_Note):
    """A timer: when it is due and what armed it.

    `occasion` follows from the arming event and the timers fired since, never from the due time,
    so that a timer that arms itself again causes a new command each time.
    """

    due: AwareDatetime
    occasion: UUID
    cause: Cause


class Todo(_Note):
    """A command to be sent: its type's name, its fields as JSON text, and what caused it."""

    id: UUID
    to: str
    subject: UUID
    command: str
    data: str
    step: str
    cause: Cause
    also: tuple[Position, ...] = ()
    tries: int = 0
    not_before: AwareDatetime = AT_ONCE

    @property
    def target(self) -> str:
        """The stream it goes to."""
        return f"{self.to}-{self.subject}"

    @property
    def causes(self) -> tuple[Position, ...]:
        """Every event it follows from, the one that was reacted to first."""
        return tuple(dict.fromkeys((self.cause.position, *self.also)))

    def anew(self) -> Todo:
        """As if it had never been tried."""
        return self.model_copy(update={"tries": 0, "not_before": AT_ONCE})


Reason = Literal["refused", "not_known", "too_large", "fault"]


class Refusal(_Note):
    """A command, or a timer, that is not tried again by itself, and why."""

    todo: Todo | None = None
    timer: str = ""
    armed: Armed | None = None
    at: AwareDatetime
    reason: Reason
    unmet: tuple[Unmet, ...] = ()
    error: str = ""


class Agenda(_Note):
    """The body of a policy's document."""

    policy_version: int
    state: dict[str, Any]
    todo: tuple[Todo, ...] = ()
    timers: dict[str, Armed] = Field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Agenda:
        """The agenda in a document's body."""
        return cls.model_validate({name: body[name] for name in cls.model_fields})

    def body(self) -> dict[str, Any]:
        """The body to store, with what sweeps (`wake_at`) and lists (`refused`) look for."""
        plain = self.model_dump(mode="json")
        return plain | {"wake_at": self.wake_at, "refused": bool(self.refusals)}

    @property
    def wake_at(self) -> datetime | None:
        """When a sweep must look here next; None when nothing is left to do."""
        moments = [one.not_before for one in self.heads()]
        return min(moments + [one.due for one in self.timers.values()], default=None)

    def heads(self) -> Iterator[Todo]:
        """The next command for each stream: those to one stream go one at a time, in order."""
        seen = set()
        for one in self.todo:
            if one.target not in seen:
                seen.add(one.target)
                yield one

    def fresh(self) -> Todo | None:
        """The first command that was not tried yet."""
        return next((one for one in self.heads() if not one.tries), None)

    def to_retry(self, now: datetime) -> Todo | None:
        """The first command whose next try has come."""
        return next((one for one in self.heads() if one.not_before <= now), None)

    def due(self, now: datetime) -> str | None:
        """The timer that has been due for longest."""
        due = [(one.due, name) for name, one in self.timers.items() if one.due <= now]
        return min(due)[1] if due else None

    def sent(self, todo: Todo) -> Agenda:
        """Without this command; the same agenda if it is gone already."""
        return self._with(todo=tuple(one for one in self.todo if one.id != todo.id))

    def refused(self, refusal: Refusal) -> Agenda:
        """The refusal listed instead of its command; the same agenda if that is gone already."""
        todo = refusal.todo
        if todo is None or todo.id not in {one.id for one in self.todo}:
            return self
        return self.sent(todo).listing(refusal)

    def listing(self, refusal: Refusal) -> Agenda:
        """The refusal added to the list."""
        return self._with(refusals=(*self.refusals, refusal))

    def put_off(self, todo: Todo, now: datetime) -> Agenda:
        """The command stays at its place and is tried again, later each time."""
        return self._with(todo=tuple(_later(one, now, todo) for one in self.todo))

    def without_timer(self, name: str) -> Agenda:
        """The timer disarmed."""
        return self._with(timers={key: one for key, one in self.timers.items() if key != name})

    def _with(self, **changes: Any) -> Agenda:
        return self.model_copy(update=changes)


def _later(one: Todo, now: datetime, tried: Todo) -> Todo:
    if one.id != tried.id or one.tries != tried.tries:
        return one
    delay = min(FIRST_DELAY * 2**one.tries, LONGEST_DELAY)
    return one.model_copy(update={"tries": one.tries + 1, "not_before": now + delay})
