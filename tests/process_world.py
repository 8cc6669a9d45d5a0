"""A service in miniature: a bell whose ringing a porter turns into knocks at a gate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import Envelope, Event, Recorded, Topic
from contracts.fields import Count
from kernel import crash
from kernel.clock import Clock, FixedClock
from kernel.commands import Commands
from kernel.decider import Command, Context, Decider, Decision, Refused, Rule, State
from kernel.log import Partition, Record
from kernel.process.agenda import Agenda, Todo
from kernel.process.attend import Attendant
from kernel.process.dispatch import Dispatcher, NotSent, Sent, system_actor
from kernel.process.loop import ProcessLoop
from kernel.process.policy import Policy, Reaction, Send
from kernel.process.react import agenda_of
from kernel.project.folder import Folder
from kernel.project.memory import MemoryDocuments, MemoryQueue
from kernel.project.port import Documents
from kernel.project.reading import Arrival
from kernel.project.work import ReadModel
from kernel.store.gather import EventStore, Patience
from kernel.store.memory import MemoryCommits
from kernel.store.port import Commit, Commits
from kernel.testing.spec import CASE, HUB, NOW, recorded

A_DAY = timedelta(days=1)


class Rung(Event):
    """The bell rang."""

    n: Count


class Silenced(Event):
    """The bell was switched off."""


class GateBuilt(Event):
    """A gate stands."""


class Knocked(Event):
    """Somebody knocked at the gate."""

    n: Count


class BuildGate(Command):
    """Build the gate."""


class Knock(Command):
    """Knock at the gate."""

    n: Count


class Gate(State):
    """What was knocked, and whether it is built."""

    built: bool = False
    knocks: tuple[int, ...] = ()


UNLUCKY = Rule("GATE-13", "nobody knocks thirteen", "test")


def evolve(gate: Gate, event: Event) -> Gate:
    match event:
        case GateBuilt():
            return Gate(built=True)
        case Knocked(n=n):
            return Gate(built=True, knocks=(*gate.knocks, n))
        case _:
            return gate


def decide(command: BuildGate | Knock, gate: Gate, context: Context) -> Decision:
    match command:
        case BuildGate():
            return [GateBuilt()]
        case Knock(n=13):
            return Refused((UNLUCKY.unmet("another number"),))
        case Knock(n=666):
            raise ZeroDivisionError
        case Knock(n=n):
            return [Knocked(n=n)]


GATE: Decider[BuildGate | Knock, Gate] = Decider(
    category="gate",
    initial=Gate(),
    evolve=evolve,
    decide=decide,
    opens=(BuildGate,),
    controller=lambda _: HUB,
    seen_by=lambda _: frozenset(),
)


class Porter(State):
    """How often it rang, and for which gate."""

    rung: int = 0
    gate: UUID = CASE


def porter(state: Porter, one: Recorded) -> Reaction[Porter]:
    gate = one.envelope.subject
    match one.event:
        case Rung(n=n):
            build = (Send("gate", gate, BuildGate()),) if n == 0 else ()
            after = Porter(rung=state.rung + 1, gate=gate)
            sends = (*build, Send("gate", gate, Knock(n=n)))
            return Reaction(after, sends, {"patience": one.envelope.recorded_at + A_DAY})
        case Silenced():
            return Reaction(state, timers={"patience": None})
        case _:
            return Reaction(state)


def patience(state: Porter, timer: str) -> Reaction[Porter]:
    return Reaction(state, (Send("gate", state.gate, Knock(n=1000 + state.rung)),))


PORTER = Policy(
    name="porter",
    topics=(Topic.CASE,),
    initial=Porter(),
    react=porter,
    on_timer=patience,
    gives={"gate": (BuildGate, Knock)},
)

KINDS: dict[str, type[Event]] = {
    one.wire_type(): one for one in (Rung, Silenced, GateBuilt, Knocked)
}


def decode(wire_type: str, data: str) -> Event:
    return KINDS[wire_type].model_validate_json(data)


def rung(n: int, version: int | None = None, **fields: Any) -> Recorded:
    return recorded(Rung(n=n), stream="bell", version=version or n + 1, **fields)


def silenced(version: int, **fields: Any) -> Recorded:
    return recorded(Silenced(), stream="bell", version=version, **fields)


async def at_once(_: float) -> None:
    """A pause that takes no time."""


def arrival(one: Recorded, log: str = "log 1") -> Arrival:
    place = Partition(Topic.CASE, 0)
    record = Record(
        place,
        one.envelope.version,
        str(one.envelope.subject).encode(),
        tuple(one.envelope.headers()),
        one.event.model_dump_json().encode(),
    )
    return Arrival(record, log, one.envelope, one)


@dataclass
class World:
    """One process of the service; `restarted` is another one on the same databases."""

    policies: tuple[Policy[Any], ...] = (PORTER,)
    commits: Commits = field(default_factory=MemoryCommits)
    documents: Documents = field(default_factory=MemoryDocuments)
    clock: Clock = field(default_factory=lambda: FixedClock(NOW))
    pause: Callable[[float], Awaitable[None]] = at_once

    def __post_init__(self) -> None:
        store = EventStore(self.commits, Patience(seconds=0.5, pause=at_once))
        self.commands = Commands(store, FixedClock(NOW), "/rj/gate", decode, HUB)
        self.dispatcher = Dispatcher(self.commands, [GATE], system_actor("gate", HUB))
        self.attendants = [
            Attendant(one, self.documents, self.dispatcher, self.clock) for one in self.policies
        ]
        self.loop = ProcessLoop(self.attendants)
        model = ReadModel(self.documents, MemoryQueue(), decode, FixedClock(NOW), self.pause)
        self.folder = Folder(model, self.loop.folded)

    def restarted(self, **changes: Any) -> World:
        return replace(self, **changes)

    async def fold(self, *records: Recorded, log: str = "log 1") -> None:
        """Records arrive, and nothing is sent yet."""
        for attendant in self.attendants:
            await self.folder.fold(attendant.projection, [arrival(one, log) for one in records])

    async def tell(self, *records: Recorded) -> None:
        """Records arrive, and all that can be done is done."""
        await self.fold(*records)
        await self.loop.settle()

    async def commits_of(self, subject: UUID = CASE) -> list[Commit]:
        return await self.commits.load(f"gate-{subject}")

    async def knocks(self, subject: UUID = CASE) -> tuple[int, ...]:
        return (await self.commands.load(GATE, subject)).state.knocks

    async def envelopes(self, subject: UUID = CASE) -> list[Envelope]:
        return [env for one in await self.commits_of(subject) for env, _ in one.envelopes()]

    async def agenda(self, key: UUID = CASE, policy: Policy[Any] = PORTER) -> Agenda:
        view = self.attendants[0].projection.view
        found = (await self.documents.load(view, [key])).get(key)
        return agenda_of(policy, found.body if found else {})


@contextmanager
def dying_at(point: crash.Point, nth: int = 1) -> Iterator[None]:
    """The process must die there."""
    crash.set_hook(crash.raise_at(point, nth))
    try:
        with pytest.raises(crash.Crashed):
            yield
    finally:
        crash.set_hook(None)


class Gatekeeper(Dispatcher):
    """A dispatcher that lets something else happen after its first send, before it is noted."""

    meanwhile: Callable[[], Awaitable[None]]

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.__dict__.update(dispatcher.__dict__)
        self._done = False

    async def send(self, policy: Policy[Any], todo: Todo) -> Sent | NotSent:
        outcome = await super().send(policy, todo)
        if not self._done:
            self._done = True
            await self.meanwhile()
        return outcome
