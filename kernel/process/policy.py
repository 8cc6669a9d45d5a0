"""Policies: pure reactions to events and to timers, which tell what to send and when to wake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.envelope import Position, Recorded
from kernel.decider import Command, S
from kernel.project.port import by_subject

POLICIES = uuid5(NAMESPACE_URL, "rj:policy")


@dataclass(frozen=True, slots=True)
class Send:
    """A command for one stream of the own service, given as the system.

    `step` tells apart what one event sends to one stream; it defaults to the command's name.
    `also` names earlier events that it follows from besides the one that is reacted to, such as
    one that the state has held back: its events stand on every log after these too.
    """

    to: str
    subject: UUID
    command: Command
    step: str = ""
    also: tuple[Position, ...] = ()

    @property
    def target(self) -> str:
        """The stream this command goes to."""
        return f"{self.to}-{self.subject}"

    @property
    def name(self) -> str:
        """The step, or the command's name."""
        return self.step or type(self.command).__name__


@dataclass(frozen=True, slots=True)
class Reaction(Generic[S]):
    """The state from now on, what to send in this order, and timers to arm (or None: disarm)."""

    state: S
    sends: tuple[Send, ...] = ()
    timers: Mapping[str, datetime | None] = field(default_factory=dict)


def never(state: S, timer: str) -> Reaction[S]:
    """The `on_timer` of a policy that arms none."""
    raise LookupError(f"no timer {timer!r} is known here")


@dataclass(frozen=True)
class Policy(Generic[S]):
    """Events and timers in, commands of the own service out; pure.

    `react` gets every event of `topics` that `key` gives a document, and returns
    `Reaction(state)` for one that does not concern it: `key` may leave out whole streams,
    never single events of a stream. `on_timer` knows what the state knows: keep the case's id
    there. `gives` lists the commands by the category they go to.

    A new `version` takes a document over where the old one stands, at its `_w`: `upgrade` makes
    the old version's state (as JSON) into one of this version, and what the old one had still to
    send goes out before anything new. Ids do not depend on the version: nothing is sent twice.
    """

    name: str
    topics: tuple[str, ...]
    initial: S
    react: Callable[[S, Recorded], Reaction[S]]
    gives: Mapping[str, tuple[type[Command], ...]]
    on_timer: Callable[[S, str], Reaction[S]] = never
    key: Callable[[str], UUID | None] = by_subject
    version: int = 1
    upgrade: Callable[[int, dict[str, object]], dict[str, object]] | None = None


def command_id(policy: str, cause: UUID, target: str, step: str) -> UUID:
    """The same for the same policy, causing event, target stream and step; else another."""
    return uuid5(uuid5(uuid5(uuid5(POLICIES, policy), str(cause)), target), step)
