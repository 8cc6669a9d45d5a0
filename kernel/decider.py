"""Deciders: pure functions from a command and a state to events, or to a refusal that explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Event, Topic
from contracts.fields import ActorId, Moment, OrganisationId, Role


class Command(BaseModel):
    """A wish; the fields are what the caller says. `happened_at` defaults to now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    happened_at: Moment | None = None


class State(BaseModel):
    """What a decider knows of its stream; frozen."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the domain: a stable id, plain words and where it comes from."""

    id: str
    words: str
    source: str

    def unmet(self, needs: str) -> Unmet:
        """This rule as a reason to refuse; `needs` says what would satisfy it."""
        return Unmet(rule=self.id, words=self.words, source=self.source, needs=needs)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A rule not decided in full yet: the fact it waits for, and what holds meanwhile."""

    rule: Rule
    fact: str
    meanwhile: str


class Unmet(BaseModel):
    """One rule that stands in the way, and what would satisfy it."""

    model_config = ConfigDict(frozen=True)

    rule: str
    words: str
    source: str
    needs: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer no, with every unmet rule; never empty."""

    unmet: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which organisation, in which role."""

    id: ActorId
    org: OrganisationId
    role: Role


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that the stream holds: its id, its place, its wire type, who made it, and when.

    `happened_at` is what was said when it was recorded, and never after that.
    """

    id: UUID
    version: int
    type: str
    actor: Actor
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides command and state: time, ids, actor, who wrote what when."""

    now: datetime
    command_id: UUID
    actor: Actor
    entries: Sequence[Entry] = ()

    def entry(self, event_id: UUID) -> Entry | None:
        """The stream's event of this id, if it holds one."""
        return next((one for one in self.entries if one.id == event_id), None)

    def new_id(self, name: str) -> UUID:
        """An id that is the same each time this command is decided."""
        return uuid5(self.command_id, name)


C = TypeVar("C", bound=Command)
S = TypeVar("S", bound=State)

Decision = list[Event] | Refused


@dataclass(frozen=True)
class Decider(Generic[C, S]):
    """An aggregate: three pure things, and how its streams are named and seen.

    `opens` lists the commands that may start a stream; any other command on an
    unknown stream is answered "not known". `controller` is the organisation that
    answers for the record, `seen_by` the organisations that may see it besides the hub.
    """

    category: str
    initial: S
    evolve: Callable[[S, Event], S]
    decide: Callable[[C, S, Context], Decision]
    opens: tuple[type[Command], ...]
    controller: Callable[[S], OrganisationId | None]
    seen_by: Callable[[S], frozenset[OrganisationId]]
    topic: str = field(default=Topic.CASE)

    def stream(self, subject: UUID) -> str:
        """The stream of one subject, such as `consent-<case id>`."""
        return f"{self.category}-{subject}"

    def fold(self, events: Sequence[Event], state: S | None = None) -> S:
        """The state after these events."""
        current = self.initial if state is None else state
        for event in events:
            current = self.evolve(current, event)
        return current


def refuse_unless(*checks: Unmet | None) -> Refused | None:
    """Gather the unmet rules of several checks; None when every one is met."""
    unmet = tuple(one for one in checks if one is not None)
    return Refused(unmet) if unmet else None
