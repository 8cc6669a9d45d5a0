"""The given, when, then of policies; `kernel.testing.spec` exports its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from contracts.envelope import Recorded
from kernel.decider import S
from kernel.process import react
from kernel.process.agenda import Agenda
from kernel.process.policy import Policy, Reaction, Send
from kernel.testing.diff import fail, same


def reacting(policy: Policy[S]) -> Callable[..., PolicyGiven[S]]:
    """The word `given` for a policy: the events its document has folded so far."""

    def given(*records: Recorded) -> PolicyGiven[S]:
        __tracebackhide__ = True
        agenda = react.agenda_of(policy, {})
        for one in records:
            agenda = _reacted(policy, agenda, one)[1]
        return PolicyGiven(policy, agenda)

    return given


@dataclass(frozen=True)
class PolicyGiven(Generic[S]):
    """A policy's document; an event or a timer makes it react."""

    policy: Policy[S]
    agenda: Agenda

    def when(self, one: Recorded) -> Reacted[S]:
        """An event arrives."""
        __tracebackhide__ = True
        return Reacted(self.policy, *_reacted(self.policy, self.agenda, one))

    def when_due(self, timer: str) -> Reacted[S]:
        """A timer fires that the given events have armed."""
        __tracebackhide__ = True
        if timer not in self.agenda.timers:
            fail(f"no timer {timer!r} is armed, only {sorted(self.agenda.timers)}")
        before = react.state_of(self.policy, self.agenda)
        reaction = _pure(lambda state: self.policy.on_timer(state, timer), before, timer)
        now = self.agenda.timers[timer].due
        after = react.fire(self.policy, self.agenda, timer, now)
        return Reacted(self.policy, reaction, _checked(self.policy, after, reaction))


@dataclass(frozen=True)
class Reacted(Generic[S]):
    """What the policy does now, and its document after it."""

    policy: Policy[S]
    reaction: Reaction[S]
    agenda: Agenda

    def sends(self, *sends: Send) -> Reacted[S]:
        """Exactly these commands, in this order; none for none."""
        __tracebackhide__ = True
        same(_shown(sends), _shown(self.reaction.sends), "the commands differ")
        return self

    def arms(self, timers: Mapping[str, datetime]) -> Reacted[S]:
        """Exactly these timers are armed from now on, those armed before included."""
        __tracebackhide__ = True
        same(dict(timers), self.timers(), "the armed timers differ")
        return self

    def state(self) -> S:
        """The policy's state from now on."""
        return react.state_of(self.policy, self.agenda)

    def timers(self) -> dict[str, datetime]:
        """The armed timers."""
        return {name: one.due for name, one in self.agenda.timers.items()}


def _reacted(policy: Policy[S], agenda: Agenda, one: Recorded) -> tuple[Reaction[S], Agenda]:
    __tracebackhide__ = True
    name = type(one.event).__name__
    reaction = _pure(lambda state: policy.react(state, one), react.state_of(policy, agenda), name)
    return reaction, _checked(policy, react.react(policy, agenda, one), reaction)


def _pure(what: Callable[[S], Reaction[S]], state: S, name: str) -> Reaction[S]:
    __tracebackhide__ = True
    before = deepcopy(state)
    first, second = what(state), what(state)
    same(first, second, f"the policy is not pure: two answers to {name}")
    same(before, state, f"the policy is not pure: {name} changed the state")
    return first


def _checked(policy: Policy[S], agenda: Agenda, reaction: Reaction[S]) -> Agenda:
    __tracebackhide__ = True
    same(agenda, Agenda.read(agenda.body()), "storing changed the document")
    same(reaction.state, react.state_of(policy, agenda), "JSON changed the state")
    given = [one.command for one in reaction.sends]
    stored = [react.command_of(policy, one) for one in agenda.todo[len(agenda.todo) - len(given) :]]
    same(given, stored, "JSON changed a command")
    return agenda


def _shown(sends: tuple[Send, ...]) -> list[object]:
    return [
        {
            "to": one.target,
            "step": one.name,
            type(one.command).__name__: one.command,
            "also": [str(position) for position in one.also],
        }
        for one in sends
    ]
