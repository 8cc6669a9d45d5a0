"""A tiny domain for tests of the kernel: a tally that is opened, added to, and closed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.envelope import Event
from contracts.fields import ActorId, Count, Moment, OrganisationId, Role
from kernel.clock import Clock, FixedClock
from kernel.commands import Accepted, Commands, Request
from kernel.decider import Actor, Command, Context, Decider, Decision, Refused, Rule, State
from kernel.store.gather import EventStore, Patience
from kernel.store.port import Commits

CLOSED = Rule("TALLY-1", "A closed tally takes nothing more.", "house rule")
TOO_LATE = Rule("TALLY-2", "A tally takes nothing after its last day.", "house rule")


class Opened(Event):
    """A tally begins."""

    org: OrganisationId
    until: Moment | None = None


class Added(Event):
    """Something was added."""

    count: Count


class Closed(Event):
    """The tally ended."""


class Handed(Event):
    """The tally went to another organisation."""

    to: OrganisationId


class Open(Command):
    org: OrganisationId
    until: Moment | None = None


class Add(Command):
    count: Count = 1
    parts: Count = 1


class Close(Command):
    pass


class Hand(Command):
    to: OrganisationId


class Nothing(Command):
    """Accepted without an event, which no decider may do."""


class Tally(State):
    org: OrganisationId | None = None
    former: frozenset[OrganisationId] = frozenset()
    until: datetime | None = None
    closed: bool = False
    total: int = 0


def evolve(state: Tally, event: Event) -> Tally:
    match event:
        case Opened(org=org, until=until):
            return state.model_copy(update={"org": org, "until": until})
        case Added(count=count):
            return state.model_copy(update={"total": state.total + count})
        case Handed(to=to):
            former = state.former | ({state.org} if state.org else set())
            return state.model_copy(update={"org": to, "former": former})
        case Closed():
            return state.model_copy(update={"closed": True})
    return state


def decide(command: Command, state: Tally, context: Context) -> Decision:
    if state.closed:
        return Refused((CLOSED.unmet("an open tally"),))
    if state.until is not None and context.now > state.until:
        return Refused((TOO_LATE.unmet("an earlier day"),))
    return _events(command)


def _events(command: Command) -> list[Event]:
    match command:
        case Open(org=org, until=until):
            return [Opened(org=org, until=until)]
        case Add(count=count, parts=parts):
            return [Added(count=count) for _ in range(parts)]
        case Hand(to=to):
            return [Handed(to=to)]
        case Close():
            return [Closed()]
    return []


TALLY: Decider[Command, Tally] = Decider(
    category="tally",
    initial=Tally(),
    evolve=evolve,
    decide=decide,
    opens=(Open, Nothing),
    controller=lambda state: state.org,
    seen_by=lambda state: state.former,
)

KNOWN: dict[str, type[Event]] = {one.wire_type(): one for one in (Opened, Added, Closed, Handed)}


def decode(wire_type: str, data: str) -> Event:
    """Read an event of this domain."""
    return KNOWN[wire_type].model_validate_json(data)


async def no_wait(_: float) -> None:
    """Let others run, and take no time."""
    await asyncio.sleep(0)


HUB = OrganisationId(uuid4())
AGENCY = OrganisationId(uuid4())
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
NO_WAIT = Patience(pause=no_wait)


def an_actor(org: OrganisationId = AGENCY, role: Role = Role.COORDINATOR) -> Actor:
    """Somebody of an organisation."""
    return Actor(ActorId(uuid4()), org, role)


def a_request(actor: Actor | None = None, **fields: Any) -> Request:
    """A request under an id of its own, from the agency."""
    defaults: dict[str, Any] = {
        "command_id": uuid4(),
        "request_hash": "00ff",
        "actor": actor or an_actor(),
        "correlation": uuid4(),
    }
    return Request(**(defaults | fields))


def commands_on(commits: Commits, clock: Clock | None = None, **more: Any) -> Commands:
    """What carries out commands in one process, as it stands on these commits."""
    store = EventStore(commits, more.pop("patience", NO_WAIT))
    more.setdefault("pause", no_wait)
    return Commands(store, clock or FixedClock(START), "/rj/tally", decode, HUB, **more)


async def opened(commands: Commands, **fields: Any) -> UUID:
    """The subject of a new tally of the agency."""
    subject = uuid4()
    await accepted(commands, subject, Open(org=AGENCY, **fields))
    return subject


async def accepted(
    commands: Commands, subject: UUID, command: Command, request: Request | None = None
) -> Accepted:
    """The answer to a command that must be accepted."""
    answer = await commands.execute(TALLY, subject, command, request or a_request())
    assert isinstance(answer, Accepted), answer
    return answer
