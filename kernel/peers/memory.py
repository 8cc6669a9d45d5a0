"""Other services in the same process: for tests and simulation, and failing on demand."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID, uuid5

from pydantic import BaseModel

from contracts.envelope import Position
from kernel.commands import Accepted, Commands, Request, request_hash
from kernel.decider import Command, Refused
from kernel.http.order import Order
from kernel.http.routes import CommandRoute, Route
from kernel.http.surface import Waiter
from kernel.peers.port import Letter, NotAllowed, PeerUnavailable, Told

HASH_KEY = b"the twin's own"


class Trouble(Enum):
    """What happens to a letter."""

    LOST = "it never arrives"
    REPLY_LOST = "it is carried out, and the answer never comes back"


async def at_once(positions: tuple[Position, ...], reads: tuple[str, ...]) -> None:
    """Instead of waiting."""


@dataclass(frozen=True)
class Peer:
    """A service as its neighbours reach it."""

    routes: tuple[Route, ...]
    commands: Commands
    waiter: Waiter = at_once


@dataclass
class MemoryPeers:
    """Carries each letter out at once, through the route that its path names.

    The next letters meet the `troubles` in order; `sent` holds all of them.
    """

    services: Mapping[str, Peer]
    troubles: deque[Trouble | None] = field(default_factory=deque)
    sent: list[Letter] = field(default_factory=list)

    async def tell(self, letter: Letter) -> Told | Refused:
        """Carry it out, unless it is in trouble."""
        self.sent.append(letter)
        trouble = self.troubles.popleft() if self.troubles else None
        if trouble is Trouble.LOST or letter.service not in self.services:
            raise PeerUnavailable(f"{letter.service} cannot be reached")
        answer = await _carried_out(self.services[letter.service], letter)
        if trouble is Trouble.REPLY_LOST:
            raise PeerUnavailable(f"{letter.service} gave no answer")
        return answer if isinstance(answer, Refused) else _told(answer)


async def _carried_out(peer: Peer, letter: Letter) -> Accepted | Refused:
    row, subject = _row(peer.routes, letter.path)
    if letter.actor.role not in row.policy.roles:
        raise NotAllowed
    await peer.waiter(letter.after, ())
    body = row.body.model_validate_json(letter.body.model_dump_json())
    request = _request(letter, body)
    if row.through is not None:
        return await row.through(body, Order(subject, request, peer.commands, {}))
    assert isinstance(body, Command)  # noqa: S101  `post` lets nothing else in
    return await peer.commands.execute(row.decider, subject, body, request)


def _row(routes: tuple[Route, ...], path: str) -> tuple[CommandRoute, UUID]:
    for row in routes:
        if isinstance(row, CommandRoute):
            found = re.fullmatch(re.sub(r"{[a-z_]+}", "([0-9a-f-]{36})", row.path), path)
            if found and found.groups():
                return row, UUID(found.group(1))
    raise PeerUnavailable(f"{path} answered 404")


def _request(letter: Letter, body: BaseModel) -> Request:
    own_actor = uuid5(letter.actor.org, str(letter.actor.id))
    return Request(
        command_id=uuid5(uuid5(own_actor, letter.path), str(letter.key)),
        request_hash=request_hash(HASH_KEY, body),
        actor=letter.actor,
        correlation=letter.correlation,
        traceparent=letter.traceparent,
    )


def _told(answer: Accepted) -> Told:
    events = {one.type: json.loads(one.data) for one in answer.commit.events}
    return Told(Position(answer.stream, answer.version), events)
