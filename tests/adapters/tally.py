"""A tiny domain for tests of the kernel: a tally that is opened, added to, and closed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from contracts.envelope import Event
from contracts.fields import Count, Moment, OrganisationId
from kernel.decider import Command, Context, Decider, Decision, Refused, Rule, State

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


def a_subject() -> UUID:
    """Another subject at each call."""
    return uuid4()
