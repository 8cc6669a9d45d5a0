"""Sending of a policy's commands, as the system, each under an id that follows from its cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from contracts.fields import ActorId, OrganisationId, Role
from kernel.commands import Commands, NotKnown, Request
from kernel.decider import Actor, Decider, Refused, Unmet
from kernel.process.agenda import Reason, Todo
from kernel.process.policy import POLICIES, Policy
from kernel.process.react import command_of
from kernel.project.reading import explain
from kernel.store.port import CommitTooLarge, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Sent:
    """The command is answered, now or by an earlier send."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why it was not carried out, and whether trying again might help."""

    reason: Reason
    unmet: tuple[Unmet, ...] = ()
    error: str = ""
    again: bool = False


def system_actor(service: str, org: OrganisationId) -> Actor:
    """Who a service's policies act as."""
    return Actor(ActorId(uuid5(POLICIES, service)), org, Role.SYSTEM)


class Dispatcher:
    """Gives commands to the deciders of its own service."""

    def __init__(
        self, commands: Commands, deciders: Iterable[Decider[Any, Any]], actor: Actor
    ) -> None:
        self._commands, self._actor = commands, actor
        self._deciders = {one.category: one for one in deciders}

    def check(self, policy: Policy[Any]) -> None:
        """Raise LookupError unless every category that a policy gives commands to is ours."""
        unknown = sorted(policy.gives.keys() - self._deciders.keys())
        if unknown:
            raise LookupError(f"policy {policy.name} gives commands to unknown {unknown}")

    async def send(self, policy: Policy[Any], todo: Todo) -> Sent | NotSent:
        """Carry out a command exactly once in effect, however often it is sent.

        Raises StoreUnavailable. A stream that is not known may yet be opened by another command,
        and a fault may pass with a new release: both are worth another try.
        """
        try:
            answer = await self._execute(policy, todo)
        except StoreUnavailable:
            raise
        except NotKnown:
            return NotSent("not_known", again=True)
        except CommitTooLarge as wrong:
            return NotSent("too_large", error=explain(wrong))
        except Exception as wrong:  # noqa: BLE001  one case's fault must not stop the others
            return NotSent("fault", error=explain(wrong), again=True)
        return NotSent("refused", answer.unmet) if isinstance(answer, Refused) else Sent()

    async def _execute(self, policy: Policy[Any], todo: Todo) -> object:
        request = _request(policy, todo, self._actor)
        command = command_of(policy, todo)
        return await self._commands.execute(self._deciders[todo.to], todo.subject, command, request)


def _request(policy: Policy[Any], todo: Todo, actor: Actor) -> Request:
    """The hash is the policy's name: what a first send was answered stands, whatever it said."""
    return Request(
        command_id=todo.id,
        request_hash=f"policy/{policy.name}",
        actor=actor,
        correlation=todo.cause.correlation,
        causation=todo.cause.event,
        causes=todo.causes,
        traceparent=todo.cause.traceparent,
    )
