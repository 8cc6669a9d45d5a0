"""Facilitation and consent at work together: stores, policies and peers in memory, one clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.codec import decode
from contracts.envelope import Event, Position, Recorded, Topic
from contracts.fields import ActorId, OrganisationId, Role
from kernel.clock import FixedClock
from kernel.commands import Accepted, Commands, Request, request_hash
from kernel.decider import Actor, Command, Decider, Refused
from kernel.http import Order
from kernel.http.order import Reach
from kernel.http.trial import Trial
from kernel.peers.memory import MemoryPeers, Peer
from kernel.process.attend import Attendant
from kernel.process.dispatch import Dispatcher, system_actor
from kernel.process.loop import ProcessLoop
from kernel.project.folder import Folder
from kernel.project.memory import MemoryDocuments, MemoryQueue
from kernel.project.work import ReadModel
from kernel.service import Service
from kernel.store.gather import EventStore, Patience
from kernel.store.memory import MemoryCommits
from kernel.testing.spec import CASE, HUB, NOW, by, recorded
from services.consent.app import SERVICE as CONSENT
from services.facilitation.app import SERVICE as FACILITATION
from tests.process_world import arrival, at_once

KEY = b"a key of thirty-two bytes, secret"

Through = Callable[[Any, Order], Awaitable[Accepted | Refused]]
Tries = Callable[[Any, Trial], Awaitable[Refused | None]]


@dataclass
class Desk:
    """One service: its store, its policies, and how much of its store is on the log."""

    service: Service
    clock: FixedClock
    commits: MemoryCommits = field(default_factory=MemoryCommits)
    published: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        source = f"/rj/{self.service.name}"
        store = EventStore(self.commits, Patience(seconds=0.05, pause=at_once))
        self.commands = Commands(store, self.clock, source, decode, HUB)
        documents = MemoryDocuments()
        actor = system_actor(self.service.name, HUB)
        dispatcher = Dispatcher(self.commands, self.service.deciders, actor)
        self.attendants = [
            Attendant(one, documents, dispatcher, self.clock) for one in self.service.policies
        ]
        self.loop = ProcessLoop(self.attendants)
        self.folder = Folder(
            ReadModel(documents, MemoryQueue(), decode, self.clock, at_once), self.loop.folded
        )

    def news(self, *topics: str) -> list[tuple[str, Recorded]]:
        """What was recorded since the last time, with its topic; on the log from now on."""
        found = []
        for commit in self.commits.durable():
            wanted = commit.topic in (topics or Topic.ALL)
            if wanted and commit.version > self.published.get(commit.stream, 0):
                self.published[commit.stream] = commit.last.version
                for envelope, data in commit.envelopes():
                    event = decode(envelope.type, data)
                    found.append((commit.topic, Recorded(envelope, event)))
        return found

    async def fold(self, news: list[tuple[str, Recorded]]) -> None:
        """Hear of it, and do what policies make of it."""
        for attendant in self.attendants:
            heard = [arrival(one) for topic, one in news if topic in attendant.projection.topics]
            await self.folder.fold(attendant.projection, heard)
        await self.loop.settle()


class Office:
    """What the people of a case ask of facilitation and consent."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.facilitation = Desk(FACILITATION, self.clock)
        self.consent = Desk(CONSENT, self.clock)
        self.peers = MemoryPeers({"consent": Peer(CONSENT.routes, self.consent.commands)})
        self.waiter: Callable[[tuple[Position, ...], tuple[str, ...]], Awaitable[None]]
        self.waiter = self._heard

    async def accept(self, *events: Event) -> None:
        """Referral tells of the case, and both services open it."""
        told = [
            (Topic.CASE, recorded(one, stream="referral", version=version))
            for version, one in enumerate(events, 1)
        ]
        for desk in (self.facilitation, self.consent):
            await desk.fold(told)
        await self.settle()

    async def settle(self) -> None:
        """Everybody hears of everything, until nothing more comes of it."""
        while news := [*self.facilitation.news(), *self.consent.news()]:
            for desk in (self.facilitation, self.consent):
                await desk.fold(news)

    async def pass_until(self, moment: datetime) -> None:
        """Time goes by, and timers fire."""
        self.clock.move(moment)
        for desk in (self.facilitation, self.consent):
            await desk.loop.settle()
        await self.settle()

    async def ask(
        self,
        through: Through,
        body: Command,
        who: Actor | Role = Role.FACILITATOR,
        *,
        key: UUID | None = None,
        expected: int | None = None,
    ) -> Accepted | Refused:
        """A request of several commands about the case; with the same key it is the same one."""
        request = replace(self.request(body, who, key), expected=expected)
        reach = Reach(self.peers, self.waiter, "Bearer token")
        return await through(body, Order(CASE, request, self.facilitation.commands, {}, reach))

    async def tries(
        self, tries: Tries, body: Command, who: Actor | Role = Role.FACILITATOR
    ) -> Refused | None:
        """The same, without anything being recorded."""
        return await tries(body, Trial(CASE, _actor(who), self.facilitation.commands))

    async def tell(
        self,
        decider: Decider[Any, Any],
        subject: UUID,
        *commands: Command,
        who: Actor | Role = Role.SYSTEM,
    ) -> None:
        """Commands that must be accepted."""
        desk = self.consent if decider.category == "consent" else self.facilitation
        for command in commands:
            answer = await desk.commands.execute(
                decider, subject, command, self.request(command, who)
            )
            assert isinstance(answer, Accepted), answer
        await self.settle()

    def request(self, body: Command, who: Actor | Role, key: UUID | None = None) -> Request:
        """Who asks, and under which id."""
        return Request(key or uuid4(), request_hash(KEY, body), _actor(who), uuid4())

    async def state(self, decider: Decider[Any, Any], subject: UUID = CASE) -> Any:
        """What a stream of facilitation holds."""
        return (await self.facilitation.commands.load(decider, subject)).state

    async def events(self, stream: str) -> list[Event]:
        """What is recorded in a stream."""
        desk = self.consent if stream.startswith("consent-") else self.facilitation
        commits = await desk.commits.load(stream)
        return [decode(one.type, one.data) for commit in commits for one in commit.events]

    async def _heard(self, positions: tuple[Position, ...], reads: tuple[str, ...]) -> None:
        await self.settle()


def _actor(who: Actor | Role) -> Actor:
    return by(who) if isinstance(who, Role) else who


def elsewhere(role: Role, org: UUID) -> Actor:
    """Somebody of another organisation."""
    return Actor(ActorId(uuid4()), OrganisationId(org), role)
