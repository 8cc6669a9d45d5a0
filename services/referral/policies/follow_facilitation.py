"""The referral is told what is open in facilitation, and what was reached: closing hangs on it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from contracts.common import EntryCorrected
from contracts.envelope import Event, Recorded, Topic, subject_of
from contracts.facilitation.aftercare import (
    AgreementItemCompleted,
    AgreementItemMissed,
    AgreementItemVaried,
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


class SeenTo(State):
    """An item that was looked at, and where in facilitation's stream that stands."""

    entry_version: int
    item_id: ItemId


class Followed(State):
    """The picture, and what it may have to take back should an entry turn out a mistake."""

    picture: Picture = Picture()
    seen_to: tuple[SeenTo, ...] = ()


def react(state: Followed, one: Recorded) -> Reaction[Followed]:
    """Tell the whole picture each time it changes."""
    version = one.envelope.version
    seen_to = _seen_to(state, one.event, version)
    changes = {**_changed(state.picture, one.event), "agreement_items": _open(state, one, seen_to)}
    picture = state.picture.model_copy(update=changes)
    after = Followed(picture=picture, seen_to=seen_to)
    if picture == state.picture:
        return Reaction(after)
    command = NoteFacilitation(**picture.model_dump(), facilitation_version=version)
    return Reaction(after, (Send(REFERRAL.category, one.envelope.subject, command),))


def of_facilitation(stream: str) -> UUID | None:
    """Only what the facilitation service says of a case."""
    return subject_of(stream) if stream.startswith("facilitation-") else None


def _seen_to(state: Followed, event: Event, version: int) -> tuple[SeenTo, ...]:
    match event:
        case AgreementItemCompleted() | AgreementItemMissed():
            return (*state.seen_to, SeenTo(entry_version=version, item_id=event.item_id))
        case AgreementItemVaried():
            return tuple(kept for kept in state.seen_to if kept.item_id != event.item_id)
        case EntryCorrected():
            return tuple(
                kept for kept in state.seen_to if kept.entry_version != event.entry_version
            )
        case _:
            return state.seen_to


def _open(state: Followed, one: Recorded, seen_to: tuple[SeenTo, ...]) -> tuple[ItemId, ...]:
    """The items to which no entry that stands says what became of them."""
    match one.event:
        case OutcomeAgreementReached() as event:
            new = tuple(item.item_id for item in event.items)
        case _:
            new = ()
    before = (entry.item_id for entry in state.seen_to)
    known = dict.fromkeys((*state.picture.agreement_items, *new, *before))
    closed = {entry.item_id for entry in seen_to}
    return tuple(item for item in known if item not in closed)


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
        case OutcomeAgreementReached():
            return {"agreement_reached": True}
        case _:
            return {}


def _with(ids: Iterable[UUID], new: UUID) -> tuple[UUID, ...]:
    return (*_without(ids, new), new)


def _without(ids: Iterable[UUID], gone: UUID) -> tuple[UUID, ...]:
    return tuple(one for one in ids if one != gone)


FOLLOW_FACILITATION = Policy(
    name="referral_follows_facilitation",
    topics=(Topic.CASE,),
    initial=Followed(),
    react=react,
    gives={REFERRAL.category: (NoteFacilitation,)},
    key=of_facilitation,
)
