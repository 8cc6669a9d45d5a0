"""Specs in given, when, then: for deciders, for folds, for policies.

given = deciding(LEDGER)
given(ledger_opened).when(GiveConsent(...)).then(ConsentGiven(...))
given(ledger_opened).by(Role.OFFICER).at(later).when(GiveConsent(...)).refused_by("CON-01")

given = folding(CASE_STATUS)
given(recorded(ReferralRequested(...)), recorded(...)).then({"status": "requested"})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic
from uuid import UUID

from contracts.envelope import Event, Recorded
from contracts.fields import Role
from kernel.decider import Actor, C, Context, Decider, Decision, Entry, Refused, S, State
from kernel.project.port import Projection
from kernel.testing.builders import (
    CASE,
    COMMAND_ID,
    HUB,
    NOW,
    an_id,
    by,
    history,
    new_id,
    positions,
    recorded,
)
from kernel.testing.diff import fail, same
from kernel.testing.policy_spec import reacting

__all__ = [
    "CASE",
    "COMMAND_ID",
    "HUB",
    "NOW",
    "an_id",
    "by",
    "deciding",
    "folding",
    "history",
    "new_id",
    "positions",
    "reacting",
    "recorded",
]


def deciding(decider: Decider[C, S]) -> Callable[..., Given[C, S]]:
    """The word `given` for a decider: its stream's events so far.

    A coordinator of the hub made them; the id of the nth is `an_id("entry n")`.
    """

    def given(*events: Event) -> Given[C, S]:
        actor = by(Role.COORDINATOR)
        return Given(decider, events, Context(NOW, COMMAND_ID, actor, _entries(events, actor)))

    return given


@dataclass(frozen=True)
class Given(Generic[C, S]):
    """A stream, the moment and the actor; `when` decides."""

    decider: Decider[C, S]
    events: tuple[Event, ...]
    context: Context

    def at(self, now: datetime) -> Given[C, S]:
        """The moment of the decision; `NOW` unless said."""
        return replace(self, context=replace(self.context, now=now))

    def by(self, who: Role | Actor, org: UUID = HUB) -> Given[C, S]:
        """Who asks; a coordinator of the hub unless said."""
        actor = who if isinstance(who, Actor) else by(who, org)
        return replace(self, context=replace(self.context, actor=actor))

    def happened(self, version: int, moment: datetime) -> Given[C, S]:
        """When the event at this place happened; `NOW` unless said."""
        entries = tuple(
            replace(one, happened_at=moment) if one.version == version else one
            for one in self.context.entries
        )
        return replace(self, context=replace(self.context, entries=entries))

    def state(self) -> S:
        """What the decider knows after the given events; every one of them is folded twice."""
        initial = self.decider.initial
        return _folded(self.decider, self.events, initial, deepcopy(initial))

    def when(self, command: C) -> Decided[C, S]:
        """Decide, and check what holds for every decision: purity, never nothing, round trips."""
        __tracebackhide__ = True
        state = self.state()
        before = deepcopy(state)
        decision = _decided_twice(self.decider, command, state, self.context)
        same(before, state, "decide is not pure: it changed the state")
        if not isinstance(decision, Refused):
            _folded(self.decider, decision, state, before)
        return Decided(self, decision)


@dataclass(frozen=True)
class Decided(Generic[C, S]):
    """The answer to a command."""

    given: Given[C, S]
    decision: Decision

    def then(self, *events: Event) -> None:
        """Exactly these events, in this order."""
        __tracebackhide__ = True
        same(list(events), self.accepted(), "the events differ")

    def refused_by(self, *rules: str) -> Refused:
        """Refused by exactly these rules, each with its words, source and what would satisfy it."""
        __tracebackhide__ = True
        refused = self.refused()
        same(sorted(rules), sorted(one.rule for one in refused.unmet), "the rules differ")
        return refused

    def accepted(self) -> list[Event]:
        """The decided events, for assertions of your own; fails on a refusal."""
        __tracebackhide__ = True
        if isinstance(self.decision, Refused):
            reasons = "\n".join(f"  {one.rule}: {one.words}" for one in self.decision.unmet)
            fail(f"the command was refused by\n{reasons}")
        return self.decision

    def refused(self) -> Refused:
        """The refusal, for assertions of your own; fails on an acceptance."""
        __tracebackhide__ = True
        if not isinstance(self.decision, Refused):
            names = ", ".join(type(one).__name__ for one in self.decision)
            fail(f"the command was accepted with {names}")
        return self.decision

    def state(self) -> S:
        """What the decider knows after the decided events."""
        return self.given.decider.fold(self.accepted(), self.given.state())


def _entries(events: Sequence[Event], actor: Actor) -> tuple[Entry, ...]:
    return tuple(
        Entry(an_id(f"entry {version}"), version, event.wire_type(), actor, NOW)
        for version, event in enumerate(events, start=1)
    )


def _decided_twice(decider: Decider[C, S], command: C, state: S, context: Context) -> Decision:
    __tracebackhide__ = True
    first, second = (decider.decide(command, state, context) for _ in range(2))
    same(first, second, "decide is not pure: it answered twice differently")
    if isinstance(first, Refused):
        _explains_itself(first)
    elif not first:
        fail("decide returned no event: what is accepted is recorded")
    return first


def _explains_itself(refused: Refused) -> None:
    __tracebackhide__ = True
    if not refused.unmet:
        fail("a refusal names at least one rule")
    for one in refused.unmet:
        if not (one.rule and one.words and one.source and one.needs):
            fail(f"a refusal explains itself; this one does not: {one!r}")


def _folded(decider: Decider[C, S], events: Sequence[Event], state: S, again: S) -> S:
    """Folds a state and its copy: a fold that changes what it was given makes them differ."""
    __tracebackhide__ = True
    folded = [state]
    for event in events:
        _survives_json(event)
        folded.append(_evolved(decider, folded[-1], event))
    same(again, state, "evolve is not pure: it changed the state before it")
    for event, first in zip(events, folded[1:], strict=True):
        again = decider.evolve(again, event)
        same(first, again, f"evolve is not pure: two answers from {type(event).__name__} on")
    return folded[-1]


def _evolved(decider: Decider[C, S], state: S, event: Event) -> S:
    __tracebackhide__ = True
    after = decider.evolve(state, event)
    if not isinstance(after, State):
        fail(f"evolve has no state after {type(event).__name__}: {after!r}")
    return after


def _survives_json(event: Event) -> None:
    __tracebackhide__ = True
    same(event, type(event).model_validate_json(event.model_dump_json()), "JSON changed the event")


def folding(projection: Projection) -> Callable[..., Documents]:
    """The word `given` for a fold: recorded events, in the order in which they arrive."""

    def given(*records: Recorded) -> Documents:
        __tracebackhide__ = True
        found: dict[UUID, dict[str, Any]] = {}
        for one in records:
            key = projection.key(one.envelope.stream)
            if key is not None:
                found[key] = _folded_document(projection, found.get(key, {}), one)
        return Documents(found)

    return given


@dataclass(frozen=True)
class Documents:
    """The documents that a projection made of events."""

    found: Mapping[UUID, dict[str, Any]]

    def then(self, document: Mapping[str, Any]) -> None:
        """Exactly one document, with this body."""
        __tracebackhide__ = True
        same(document, self.one(), "the document differs")

    def then_each(self, documents: Mapping[UUID, Mapping[str, Any]]) -> None:
        """Exactly these documents by key; an empty mapping for none."""
        __tracebackhide__ = True
        same(documents, self.found, "the documents differ")

    def one(self) -> dict[str, Any]:
        """The one document, for assertions of your own."""
        __tracebackhide__ = True
        if len(self.found) != 1:
            fail(f"one document was expected, there are {len(self.found)}")
        return next(iter(self.found.values()))


def _folded_document(projection: Projection, body: dict[str, Any], one: Recorded) -> dict[str, Any]:
    __tracebackhide__ = True
    before = deepcopy(body)
    first, second = (projection.fold(body, one) for _ in range(2))
    same(first, second, f"the fold is not pure: two answers to {type(one.event).__name__}")
    same(before, body, f"the fold is not pure: {type(one.event).__name__} changed its argument")
    private = [name for name in first if name.startswith("_")]
    if private:
        fail(f"names with _ belong to the kernel: {private}")
    return first
