"""The referral is told what is open in facilitation, and what was reached: closing hangs on it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from contracts.envelope import Event, Recorded, Topic, subject_of
from contracts.facilitation.aftercare import (
    AgreementItemCompleted,
    AgreementItemMissed,
    OutcomeAgreementReached,
    SafetyConcernRaised,
    SafetyConcernResolved,
)
from contracts.facilitation.exchange import LetterDelivered, MessageRelayed
from contracts.facilitation.ids import ConcernId, ItemId, MeetingId
from contracts.facilitation.meeting import (
    MeetingCancelled,
    MeetingHeld,
    MeetingNotHeld,
    MeetingScheduled,
    MeetingStopped,
)
from kernel.decider import State
from kernel.process.policy import Policy, Reaction, Send
from services.referral.domain.referral.course_commands import NoteFacilitation
from services.referral.domain.referral.decide import REFERRAL


class Picture(State):
    """What is open, and what was reached."""

    meetings: tuple[MeetingId, ...] = ()
    agreement_items: tuple[ItemId, ...] = ()
    safety_concerns: tuple[ConcernId, ...] = ()
    activity_held: bool = False
    agreement_reached: bool = False


def react(state: Picture, one: Recorded) -> Reaction[Picture]:
    """Tell the whole picture each time it changes."""
    after = state.model_copy(update=_changed(state, one.event))
    if after == state:
        return Reaction(state)
    command = NoteFacilitation(**after.model_dump(), facilitation_version=one.envelope.version)
    return Reaction(after, (Send(REFERRAL.category, one.envelope.subject, command),))


def of_facilitation(stream: str) -> UUID | None:
    """Only what the facilitation service says of a case."""
    return subject_of(stream) if stream.startswith("facilitation-") else None


def _changed(state: Picture, event: Event) -> dict[str, object]:
    match event:
        case MeetingScheduled():
            return {"meetings": _with(state.meetings, event.meeting_id)}
        case MeetingHeld():
            meetings = _without(state.meetings, event.meeting_id)
            return {"meetings": meetings, "activity_held": True}
        case MeetingCancelled() | MeetingStopped() | MeetingNotHeld():
            return {"meetings": _without(state.meetings, event.meeting_id)}
        case LetterDelivered() | MessageRelayed():
            return {"activity_held": True}
        case SafetyConcernRaised():
            return {"safety_concerns": _with(state.safety_concerns, event.concern_id)}
        case SafetyConcernResolved():
            return {"safety_concerns": _without(state.safety_concerns, event.concern_id)}
        case _:
            return _agreed(state, event)


def _agreed(state: Picture, event: Event) -> dict[str, object]:
    match event:
        case OutcomeAgreementReached():
            items = (one.item_id for one in event.items)
            return {"agreement_items": (*state.agreement_items, *items), "agreement_reached": True}
        case AgreementItemCompleted() | AgreementItemMissed():
            return {"agreement_items": _without(state.agreement_items, event.item_id)}
        case _:
            return {}


def _with(ids: Iterable[UUID], new: UUID) -> tuple[UUID, ...]:
    return (*_without(ids, new), new)


def _without(ids: Iterable[UUID], gone: UUID) -> tuple[UUID, ...]:
    return tuple(one for one in ids if one != gone)


FOLLOW_FACILITATION = Policy(
    name="referral_follows_facilitation",
    topics=(Topic.CASE,),
    initial=Picture(),
    react=react,
    gives={REFERRAL.category: (NoteFacilitation,)},
    key=of_facilitation,
)
