"""What begins, and what stands in its way: all that was checked before is checked again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, assert_never

from contracts.facilitation.exchange import LetterDelivered, MessageRelayed
from contracts.facilitation.ids import FacilitatorId
from contracts.facilitation.meeting import MeetingStarted
from contracts.facilitation.noted import ClearanceNoted
from contracts.fields import ParticipantId
from contracts.terms import ActivityId, ClearanceId, Method
from kernel.decider import Decision, Refused, Unmet, refuse_unless
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.arrangement import ready
from services.facilitation.domain.case.exchange import checks as exchange
from services.facilitation.domain.case.meeting import checks as meetings
from services.facilitation.domain.case.meeting import rules as meeting_rules
from services.facilitation.domain.case.parts import Meeting
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.risk.decide import current
from services.facilitation.domain.case.start import rules
from services.facilitation.domain.case.start.commands import (
    DeliverCleared,
    RelayCleared,
    StartCleared,
    StartCommand,
)
from services.facilitation.domain.case.state import Case


class Beginning(NamedTuple):
    """An activity that is about to begin."""

    activity_id: ActivityId
    method: Method
    attendees: tuple[ParticipantId, ...]
    cleared_by: ClearanceId


def beginning(command: StartCommand, case: Case) -> Beginning:
    """What a command would begin; raises LookupError for a meeting or letter not of this case."""
    match command:
        case StartCleared():
            method = case.meetings[command.meeting_id].method
            there = tuple(dict.fromkeys(command.attendees))
            return Beginning(ActivityId(command.meeting_id), method, there, command.cleared_by)
        case DeliverCleared():
            letter = case.letters[command.letter_id]
            both = (letter.sender, letter.recipient)
            own_id = ActivityId(command.letter_id)
            return Beginning(own_id, letter.method, both, command.cleared_by)
        case RelayCleared():
            both = (command.sender, command.recipient)
            own_id = ActivityId(command.message_id)
            return Beginning(own_id, Method.SHUTTLE, both, command.cleared_by)
        case _:
            assert_never(command)


def decide_start(command: StartCommand, case: Case, at: At) -> Decision:
    """One small function per command."""
    match command:
        case StartCleared():
            return _start(command, case, at)
        case DeliverCleared():
            return _deliver(command, case, at)
        case RelayCleared():
            return _relay(command, case, at)
        case _:
            assert_never(command)


def _start(command: StartCleared, case: Case, at: At) -> Decision:
    meeting = case.meetings.get(command.meeting_id)
    if meeting is None:
        return Refused((meeting_rules.KNOWN_MEETING.unmet("the id of a meeting of this case"),))
    begins = beginning(command, case)
    refused = refuse_unless(
        meetings.still_to_come(meeting),
        meetings.nobody_meets(case),
        _lead_present(meeting, case, at),
        meetings.venue_approved(case, meeting.venue_ref),
        ready.nobody_left_out(case, meeting.method, begins.attendees),
        *_may_begin(begins, case, at),
    )
    return refused or [
        MeetingStarted(
            meeting_id=command.meeting_id,
            method=meeting.method,
            attendees=begins.attendees,
            cleared_by=command.cleared_by,
            risk_version=current(case),
        )
    ]


def _deliver(command: DeliverCleared, case: Case, at: At) -> Decision:
    letter = case.letters.get(command.letter_id)
    if letter is None:
        return refuse_unless(exchange.on_its_way(letter)) or []
    begins = beginning(command, case)
    refused = refuse_unless(
        exchange.on_its_way(letter),
        exchange.reviewed(case, command.letter_id),
        *_may_exchange(begins, case, at),
    )
    return refused or [
        LetterDelivered(
            letter_id=command.letter_id,
            method=letter.method,
            direction=exchange.direction(case, *begins.attendees),
            attendees=begins.attendees,
            cleared_by=command.cleared_by,
            risk_version=current(case),
        )
    ]


def _relay(command: RelayCleared, case: Case, at: At) -> Decision:
    begins = beginning(command, case)
    return refuse_unless(*_may_exchange(begins, case, at)) or [
        MessageRelayed(
            message_id=command.message_id,
            method=begins.method,
            direction=exchange.direction(case, *begins.attendees),
            attendees=begins.attendees,
            count=command.count,
            cleared_by=command.cleared_by,
            risk_version=current(case),
        )
    ]


def _may_exchange(begins: Beginning, case: Case, at: At) -> Iterator[Unmet | None]:
    yield gate.assigned(case, at)
    yield exchange.between_sides(case, *begins.attendees)
    yield from _may_begin(begins, case, at)


def _may_begin(begins: Beginning, case: Case, at: At) -> Iterator[Unmet | None]:
    yield from ready.for_activity(case, at, begins.method, begins.attendees)
    yield from _cleared(begins, case)


def _lead_present(meeting: Meeting, case: Case, at: At) -> Unmet | None:
    own = FacilitatorId(at.actor.id)
    if case.lead and case.lead.facilitator_id == own and meeting.booked(own):
        return None
    return rules.LEAD_PRESENT.unmet("the lead, and where the lead is new a date made with them")


def _cleared(begins: Beginning, case: Case) -> Iterator[Unmet | None]:
    clearance = case.clearances.get(begins.cleared_by)
    if clearance is None or not _for_this(clearance, begins, case):
        yield rules.CLEARED.unmet("a clearance by consent, which is asked for with each attempt")
        return
    yield _no_since(clearance, begins, case)
    yield _named(clearance, begins)


def _for_this(clearance: ClearanceNoted, begins: Beginning, case: Case) -> bool:
    same = (clearance.activity_id, clearance.method) == (begins.activity_id, begins.method)
    used = {one.clearance_id for one in case.activities.values()}
    return same and clearance.clearance_id not in used


def _no_since(clearance: ClearanceNoted, begins: Beginning, case: Case) -> Unmet | None:
    concerned = (None, *begins.attendees, *case.quorum.get(begins.method, ()))
    since = (
        one
        for one in case.noes
        if one.consent_version > clearance.consent_version
        and one.method is begins.method
        and one.participant_id in concerned
    )
    return rules.NO_SINCE.unmet("consent anew, and another clearance") if any(since) else None


def _named(clearance: ClearanceNoted, begins: Beginning) -> Unmet | None:
    if set(begins.attendees) <= set(clearance.attendees):
        return None
    return rules.NAMED.unmet("a clearance that names everybody who attends")
