"""A request that takes more than one command, tried without anything being recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from contracts.fields import Role
from kernel.decider import Actor, Command, Decider, Decision, Refused, S

if TYPE_CHECKING:
    from kernel.commands import Commands


@dataclass(frozen=True, slots=True)
class Trial:
    """What a request's commands would be answered, now or as of a moment."""

    subject: UUID
    actor: Actor
    commands: Commands
    as_of: datetime | None = None

    async def run(
        self,
        decider: Decider[Any, Any],
        subject: UUID,
        command: Command,
        *,
        as_system: bool = False,
    ) -> Decision:
        """What a command would be answered; nothing is recorded. Raises NotKnown."""
        actor = replace(self.actor, role=Role.SYSTEM) if as_system else self.actor
        return await self.commands.dry_run(decider, subject, command, actor, self.as_of)

    async def state(self, decider: Decider[Any, S], subject: UUID) -> S:
        """What a stream holds, or held; the initial state where there is none."""
        return (await self.commands.load(decider, subject, self.as_of)).state


Tries = Callable[[Any, Trial], Awaitable[Refused | None]]
"""What stands in the way of a request; None where it would be accepted."""
