"""A service in miniature whose policy sends one command to two streams because of one event."""

from __future__ import annotations

from uuid import UUID, uuid5

from contracts.codec import decode
from contracts.envelope import Event, Recorded, Topic
from contracts.referral import ReferralAccepted
from kernel.decider import Command, Context, Decider, Decision, State
from kernel.process.policy import Policy, Reaction, Send
from kernel.service import Service


class Heard(Event):
    """It was heard; it stays in the house."""

    topic = Topic.PRIVATE


class Hear(Command):
    """Hear it."""


class Nothing(State):
    """Nothing has to be known."""


def _decide(_: Hear, __: Nothing, ___: Context) -> Decision:
    return [Heard()]


def _decode(wire_type: str, data: str) -> Event:
    return Heard() if wire_type == Heard.wire_type() else decode(wire_type, data)


def _react(state: Nothing, one: Recorded) -> Reaction[Nothing]:
    if not isinstance(one.event, ReferralAccepted):
        return Reaction(state)
    here = one.envelope.subject
    return Reaction(state, tuple(Send("echo", there, Hear()) for there in (here, elsewhere(here))))


def elsewhere(case: UUID) -> UUID:
    """Where it is heard too."""
    return uuid5(case, "elsewhere")


ECHO = Service(
    name="echo",
    decode=_decode,
    routes=(),
    deciders=(
        Decider(
            category="echo",
            initial=Nothing(),
            evolve=lambda state, _: state,
            decide=_decide,
            opens=(Hear,),
            controller=lambda _: None,
            seen_by=lambda _: frozenset(),
            topic=Topic.PRIVATE,
        ),
    ),
    policies=(
        Policy(
            name="echo_hears",
            topics=(Topic.CASE,),
            initial=Nothing(),
            react=_react,
            gives={"echo": (Hear,)},
        ),
    ),
)
