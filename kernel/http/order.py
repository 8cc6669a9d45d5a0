"""A command on its way: who sends it, about what, and how it is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from kernel.decider import Actor, Command, Decider, Refused

if TYPE_CHECKING:
    from kernel.commands import Accepted, Commands, Request


@dataclass(frozen=True, slots=True)
class Order:
    """What a `through` function works with; each step has a command id of its own."""

    subject: UUID
    request: Request
    commands: Commands
    secrets: Mapping[str, bytes]

    @property
    def actor(self) -> Actor:
        """Who gave the order."""
        return self.request.actor

    async def execute(
        self, decider: Decider[Any, Any], subject: UUID, command: Command, *, step: str = ""
    ) -> Accepted | Refused:
        """Carry out one command; repeated with the same step, it gets its first answer.

        The main command of a request has no step; any other needs one of its own, and
        ignores `If-Match`, which speaks of the main command's stream.
        """
        return await self.commands.execute(decider, subject, command, self._request(step))

    def _request(self, step: str) -> Request:
        if not step:
            return self.request
        own_id = uuid5(self.request.command_id, step)
        return replace(self.request, command_id=own_id, expected=None)
