"""What the hub owes within a time is watched: once it is late, that is said in the case.

The policy folds the referral as its decider does, so that both owe the same; what falls away, by a
contact, a hold or the end of the case, is watched no longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from contracts.envelope import Envelope, Event, Recorded, Topic, subject_of
from contracts.fields import ParticipantId
from contracts.referral import ParticipantAdded, ReferralRequested
from contracts.referral_course import CaseResumed, Deadline
from kernel.decider import State
from kernel.process.policy import Policy, Reaction, Send
from services.referral.domain.referral.course_commands import NoteDeadlinePassed
from services.referral.domain.referral.deadlines import Owed, owed
from services.referral.domain.referral.decide import REFERRAL
from services.referral.domain.referral.practice import PRACTICE
from services.referral.domain.referral.state import Referral, evolve

ASKED = frozenset({"asked_at_once", "asked_later"})


class Watched(State):
    """A case, when its people came into it, and what is watched until when."""

    case: UUID | None = None
    referral: Referral = Referral()
    since: datetime | None = None
    """When it was requested, or went on after a hold."""
    joined: Mapping[str, datetime] = {}
    due: Mapping[str, datetime] = {}


def react(state: Watched, one: Recorded) -> Reaction[Watched]:
    """Watch what is owed after the event; what was watched until the same moment stays so."""
    after = _after(state, one.event, one.envelope)
    fresh = {name: at for name, at in after.due.items() if state.due.get(name) != at}
    over: dict[str, datetime | None] = dict.fromkeys(state.due.keys() - after.due)
    return Reaction(after, timers=over | fresh)


def on_timer(state: Watched, timer: str) -> Reaction[Watched]:
    """It is late: say so."""
    deadline, _, who = timer.partition(" ")
    command = NoteDeadlinePassed(
        deadline=Deadline(deadline),
        due_at=state.due[timer],
        participant_id=ParticipantId(UUID(who)) if who else None,
    )
    if state.case is None:
        raise LookupError("a timer is armed by an event of a case")
    return Reaction(state, (Send(REFERRAL.category, state.case, command),))


def upgrade(version: int, state: dict[str, object]) -> dict[str, object]:
    """Version 1 kept that somebody asked, not who; no deadline hangs on it, and it is left out."""
    referral = state.get("referral")
    if version > 1 or not isinstance(referral, dict):
        return state
    kept = {name: what for name, what in referral.items() if name not in ASKED}
    return {**state, "referral": kept}


def of_referral(stream: str) -> UUID | None:
    """Only what the referral service says of a case."""
    return subject_of(stream) if stream.startswith("referral-") else None


def _after(state: Watched, event: Event, envelope: Envelope) -> Watched:
    now = envelope.recorded_at
    begins = isinstance(event, ReferralRequested | CaseResumed)
    watched = Watched(
        case=envelope.subject,
        referral=evolve(state.referral, event),
        since=now if begins else state.since,
        joined={**state.joined, **_joined(event, now)},
    )
    return watched.model_copy(update={"due": _due(watched)})


def _joined(event: Event, now: datetime) -> dict[str, datetime]:
    match event:
        case ReferralRequested():
            return {str(one.participant_id): now for one in event.participants}
        case ParticipantAdded():
            return {str(event.participant_id): now}
        case _:
            return {}


def _due(watched: Watched) -> dict[str, datetime]:
    if watched.since is None:
        return {}
    found = owed(PRACTICE, watched.referral, watched.since, watched.joined)
    return {_timer(one): at for one, at in found.items()}


def _timer(one: Owed) -> str:
    deadline, who = one
    return f"{deadline.value} {who}".rstrip()


WATCH_DEADLINES = Policy(
    name="referral_watches_deadlines",
    topics=(Topic.CASE,),
    initial=Watched(),
    react=react,
    on_timer=on_timer,
    gives={REFERRAL.category: (NoteDeadlinePassed,)},
    key=of_referral,
    version=2,
    upgrade=upgrade,
)
