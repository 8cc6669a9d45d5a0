"""A policy as a fold: what an event, or a timer that fires, makes of its document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from contracts.envelope import Recorded
from kernel.decider import Command, S
from kernel.process.agenda import Agenda, Armed, Cause, Refusal, Todo
from kernel.process.policy import Policy, Reaction, Send, command_id
from kernel.project.port import Body, Projection
from kernel.project.reading import explain


class NewerVersion(Exception):
    """The document was written by a newer release; this one must not touch it."""


def projection(policy: Policy[S]) -> Projection:
    """The policy as the projection that keeps its documents."""

    def fold(body: Body, one: Recorded) -> Body:
        return react(policy, agenda_of(policy, body), one).body()

    return Projection(
        name=policy.name,
        fold=fold,
        topics=policy.topics,
        key=policy.key,
        indexes=(("wake_at",), ("refused",)),
    )


def agenda_of(policy: Policy[S], body: Mapping[str, Any]) -> Agenda:
    """Read a body, or begin one; what an older version left is taken over as it stands."""
    if not body:
        return Agenda(policy_version=policy.version, state=_dumped(policy.initial))
    agenda = Agenda.read(body)
    if agenda.policy_version > policy.version:
        raise NewerVersion(policy.name)
    return agenda if agenda.policy_version == policy.version else _taken_over(policy, agenda)


def react(policy: Policy[S], agenda: Agenda, one: Recorded) -> Agenda:
    """The agenda after an event: new state, commands behind those that wait, timers."""
    cause = Cause.of(one)
    return _after(policy, agenda, policy.react(state_of(policy, agenda), one), cause, None)


def fire(policy: Policy[S], agenda: Agenda, timer: str, now: datetime) -> Agenda:
    """The agenda after a timer has fired; a policy that fails at it has that listed instead."""
    armed, rest = agenda.timers[timer], agenda.without_timer(timer)
    try:
        reaction = policy.on_timer(state_of(policy, agenda), timer)
        return _after(policy, rest, reaction, armed.cause, armed.occasion)
    except Exception as wrong:  # noqa: BLE001  a fault of one case's timer must not stop the others
        refusal = Refusal(timer=timer, armed=armed, at=now, reason="fault", error=explain(wrong))
        return rest.listing(refusal)


def state_of(policy: Policy[S], agenda: Agenda) -> S:
    """The policy's own state."""
    return type(policy.initial).model_validate(agenda.state)


def command_of(policy: Policy[S], todo: Todo) -> Command:
    """The command that waits; raises LookupError where the policy gives it no more."""
    found = {kind.__name__: kind for kind in policy.gives.get(todo.to, ())}
    return found[todo.command].model_validate_json(todo.data)


def _taken_over(policy: Policy[S], agenda: Agenda) -> Agenda:
    state = agenda.state
    if policy.upgrade:
        state = policy.upgrade(agenda.policy_version, state)
    return agenda.model_copy(update={"state": state, "policy_version": policy.version})


def _after(
    policy: Policy[S], agenda: Agenda, reaction: Reaction[S], cause: Cause, occasion: UUID | None
) -> Agenda:
    todo = tuple(_todos(policy, reaction.sends, cause, occasion))
    timers = dict(_timers(agenda.timers, reaction.timers, cause, occasion))
    state = _dumped(reaction.state)
    changes = {"state": state, "todo": (*agenda.todo, *todo), "timers": timers}
    return agenda.model_copy(update=changes)


def _todos(
    policy: Policy[S], sends: Iterable[Send], cause: Cause, occasion: UUID | None
) -> Iterator[Todo]:
    seen = set()
    for send in sends:
        todo = _todo(policy, send, cause, occasion)
        if todo.id in seen:
            raise ValueError(f"{policy.name} sends {send.name} twice to one stream: name the steps")
        seen.add(todo.id)
        yield todo


def _todo(policy: Policy[S], send: Send, cause: Cause, occasion: UUID | None) -> Todo:
    if type(send.command) not in policy.gives.get(send.to, ()):
        raise ValueError(f"{policy.name} does not say that it gives {send.name} to {send.to}")
    step = f"{occasion}/{send.name}" if occasion else send.name
    return Todo(
        id=command_id(policy.name, cause.event, send.target, step),
        to=send.to,
        subject=send.subject,
        command=type(send.command).__name__,
        data=send.command.model_dump_json(),
        step=send.name,
        cause=cause,
        also=send.also,
    )


def _timers(
    armed: Mapping[str, Armed],
    changes: Mapping[str, datetime | None],
    cause: Cause,
    occasion: UUID | None,
) -> Iterator[tuple[str, Armed]]:
    yield from ((name, one) for name, one in armed.items() if name not in changes)
    for name, due in changes.items():
        if due:
            yield name, Armed(due=due, occasion=uuid5(occasion or cause.event, name), cause=cause)


def _dumped(state: S) -> dict[str, Any]:
    return state.model_dump(mode="json")
