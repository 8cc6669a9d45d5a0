"""The hub's front door in a simulation: calls as HTTP would make them, each answer written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from uuid import UUID, uuid5

from contracts.envelope import Position
from contracts.fields import ActorId, OrganisationId, Role
from kernel.commands import Accepted, Changed, KeyReused, NotKnown, Request, request_hash
from kernel.decider import Actor, Command, Refused
from kernel.http import Order, Problem
from kernel.http.order import Reach
from kernel.http.routes import CommandRoute
from kernel.peers.port import Peers
from kernel.project.after import NotYet, Parked
from kernel.run.assemble import Parts
from kernel.store.port import StoreUnavailable
from kernel.testing.simulate.replica import NoAnswer
from kernel.testing.simulate.world import World
from kernel.testing.spec import an_id

Json = dict[str, Any]

HUB = OrganisationId(an_id("hub"))
POLICE = OrganisationId(an_id("police"))
KEY = b"a key of thirty-two bytes, secret"

KINDS: Mapping[type[Exception], str] = {
    NotKnown: "not known",
    KeyReused: "key reused",
    Changed: "changed",
    NotYet: "unknown",
    Parked: "unknown",
    StoreUnavailable: "unknown",
    NoAnswer: "unknown",
    Problem: "unknown",
}


@cache
def actor(role: Role, org: OrganisationId = HUB, person: str = "") -> Actor:
    """A person of a role in an organisation."""
    return Actor(ActorId(uuid5(org, f"{role}{person}")), org, role)


@dataclass(frozen=True)
class Call:
    """What somebody wants; sent again, it is the same call."""

    service: str
    name: str
    body: Json
    actor: Actor
    key: UUID
    subject: UUID | None = None
    after: tuple[Position, ...] = ()


@dataclass
class Front:
    """Sends calls to any replica; `answers` is plain data, for the checker."""

    world: World
    answers: list[Json] = field(default_factory=list)
    now: int = 0

    def __post_init__(self) -> None:
        self._routes = {
            (name, row.name): row
            for name, service in self.world.services.items()
            for row in service.routes
            if isinstance(row, CommandRoute)
        }

    def knows(self, service: str, name: str) -> bool:
        """Whether there is such a route."""
        return (service, name) in self._routes

    def admits(self, service: str, name: str, actor: Actor) -> bool:
        """Whether the route's policy lets this caller through."""
        policy = self._routes[service, name].policy
        return policy.admits(actor.role, of_hub=actor.org == HUB)

    async def send(self, call: Call) -> Json:
        """One attempt; what came of it, with the moments at which it was asked and answered."""
        self.now += 1
        answer: Json = {"asked": self.now, **_said(call)}
        answer |= await self._outcome(call)
        self.now += 1
        self.answers.append(answer | {"answered": self.now})
        self.world.loop.note(f"{call.name} {answer['outcome']} {answer.get('version')}")
        return answer

    async def _outcome(self, call: Call) -> Json:
        try:
            answer = await self.world.call(call.service, partial(self._execute, call))
        except Exception as wrong:  # noqa: BLE001  a kind that is not known is a finding
            return {"outcome": _kind(wrong)}
        if isinstance(answer, Refused):
            return {"outcome": "refused", "rules": [one.rule for one in answer.unmet]}
        return {"outcome": "accepted", **_recorded(answer)}

    async def _execute(self, call: Call, parts: Parts) -> Accepted | Refused:
        row = self._routes[call.service, call.name]
        body = row.body.model_validate(call.body)
        if call.after:
            await parts.waiting(call.after, ())
        order = _order(row, call, body, parts, self.world.peers)
        if row.through:
            return await row.through(body, order)
        assert isinstance(body, Command)
        return await order.execute(row.decider, order.subject, body)


def _kind(wrong: Exception) -> str:
    known = (word for kind, word in KINDS.items() if isinstance(wrong, kind))
    return next(known, f"failed: {wrong!r}")


def _order(row: CommandRoute, call: Call, body: Any, parts: Parts, peers: Peers) -> Order:
    route = f"{row.path}/{call.subject}"
    command_id = uuid5(uuid5(uuid5(call.actor.org, str(call.actor.id)), route), str(call.key))
    subject = call.subject or uuid5(command_id, row.decider.category)
    request = Request(command_id, request_hash(KEY, body), call.actor, correlation=call.key)
    reach = Reach(peers, parts.waiting)
    return Order(subject, request, parts.commands, dict.fromkeys(row.secrets, KEY), reach)


def _said(call: Call) -> Json:
    return {
        "service": call.service,
        "name": call.name,
        "key": str(call.key),
        "subject": str(call.subject),
    }


def _recorded(answer: Accepted) -> Json:
    commit = answer.commit
    return {
        "stream": answer.stream,
        "version": answer.version,
        "commit": commit.id,
        "case": str(commit.subject),
        "repeated": answer.repeated,
        "events": [{"type": one.type, "data": one.data} for one in commit.events],
    }
