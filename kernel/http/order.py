"""A command on its way: who sends it, about what, and how it is carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from contracts.envelope import Position
from contracts.fields import Role
from kernel.decider import Actor, Command, Decider, Refused
from kernel.http.trial import Trial
from kernel.peers.port import Letter, NoPeers, Peers, Told

if TYPE_CHECKING:
    from kernel.commands import Accepted, Commands, Request


async def _nothing_to_wait_for(positions: tuple[Position, ...], reads: tuple[str, ...]) -> None:
    """For services that follow nobody."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an order reaches beyond its own service: other services, and what they tell."""

    peers: Peers = field(default_factory=NoPeers)
    waiter: Callable[[tuple[Position, ...], tuple[str, ...]], Awaitable[None]] = (
        _nothing_to_wait_for
    )
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What a `through` function works with; each step has a command id of its own."""

    subject: UUID
    request: Request
    commands: Commands
    secrets: Mapping[str, bytes]
    reach: Reach = field(default_factory=Reach)

    @property
    def actor(self) -> Actor:
        """Who gave the order."""
        return self.request.actor

    @property
    def trial(self) -> Trial:
        """The same request, tried first."""
        return Trial(self.subject, self.actor, self.commands)

    async def execute(
        self,
        decider: Decider[Any, Any],
        subject: UUID,
        command: Command,
        *,
        step: str = "",
        as_system: bool = False,
    ) -> Accepted | Refused:
        """Carry out one command; repeated with the same step, it gets its first answer.

        The main command of a request has no step; any other needs one of its own, and
        ignores `If-Match`, which speaks of the main command's stream. A step may be taken as the
        system, where it concerns a record that the caller need not see.
        """
        request = self._request(step)
        if as_system:
            request = replace(request, actor=replace(self.actor, role=Role.SYSTEM))
        return await self.commands.execute(decider, subject, command, request)

    async def tell(
        self, service: str, path: str, body: BaseModel, *, key: UUID, after: tuple[Position, ...]
    ) -> Told | Refused:
        """Have another service carry out a command, in the caller's own name.

        Raises NotKnown, NotAllowed and PeerUnavailable.
        """
        return await self.reach.peers.tell(
            Letter(
                service=service,
                path=path,
                body=body,
                key=key,
                after=after,
                actor=self.actor,
                authorization=self.reach.authorization,
                correlation=self.request.correlation,
                traceparent=self.request.traceparent,
            )
        )

    async def heard(self, *positions: Position) -> None:
        """Wait until what another service recorded is folded here, and acted upon.

        Raises NotYet after five seconds, Parked at once.
        """
        await self.reach.waiter(positions, ())

    def _request(self, step: str) -> Request:
        if not step:
            return self.request
        own_id = uuid5(self.request.command_id, step)
        return replace(self.request, command_id=own_id, expected=None)
