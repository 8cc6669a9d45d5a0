"""What the hub owes within a time, and whether it is still owed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from contracts.referral_course import Deadline, DeadlinePassed
from kernel.decider import Decision, Unmet, refuse_unless
from services.referral.domain.referral import contacts
from services.referral.domain.referral import course_rules as rules
from services.referral.domain.referral.course_commands import NoteDeadlinePassed
from services.referral.domain.referral.practice import Practice
from services.referral.domain.referral.state import CLOSED, HARMED, Referral, Standing

Owed = tuple[Deadline, str]
"""A deadline, and the id of whom it is owed to, or no text."""


def note_passed(practice: Practice, command: NoteDeadlinePassed, state: Referral) -> Decision:
    return refuse_unless(_still_due(practice, command, state)) or [
        DeadlinePassed(
            deadline=command.deadline,
            due_at=command.due_at,
            participant_id=command.participant_id,
        )
    ]


def owed(
    practice: Practice, state: Referral, since: datetime, joined: Mapping[str, datetime]
) -> dict[Owed, datetime]:
    """Everything that is owed now, and by when.

    `since` is when the screening could begin, `joined` when each person came into the case.
    """
    if state.standing in CLOSED or state.standing is Standing.UNKNOWN:
        return {}
    return {
        **_screening(practice, state, since),
        **_contacts(practice, state, joined),
        **({(Deadline.HOLD_REVIEW, ""): state.hold.review_at} if state.hold else {}),
    }


def _screening(practice: Practice, state: Referral, since: datetime) -> dict[Owed, datetime]:
    if state.standing is not Standing.REQUESTED or state.screening or state.hold:
        return {}
    due = practice.calendar.end_of_working_days(since, practice.screening_days)
    return {(Deadline.SCREENING, ""): due}


def _contacts(
    practice: Practice, state: Referral, joined: Mapping[str, datetime]
) -> dict[Owed, datetime]:
    people = [one.participant_id for one in state.participants if one.role in HARMED]
    found: dict[Owed, datetime] = {}
    for who in people:
        if contacts.objects(state, who):
            continue
        if attempts := contacts.contacts_with(state, who):
            found[Deadline.CONTACT, str(who)] = attempts[-1].contacted_at + practice.contact_gap
        else:
            days = _days_to_first_contact(practice, state)
            due = practice.calendar.end_of_working_days(joined[str(who)], days)
            found[Deadline.FIRST_CONTACT, str(who)] = due
    return found


def _days_to_first_contact(practice: Practice, state: Referral) -> int:
    sensitive = bool(state.requested_flags)
    return practice.urgent_contact_days if sensitive else practice.first_contact_days


def _still_due(practice: Practice, command: NoteDeadlinePassed, state: Referral) -> Unmet | None:
    who = str(command.participant_id or "")
    people = {str(one.participant_id): command.due_at for one in state.participants}
    now_owed = owed(practice, state, command.due_at, people)
    if (command.deadline, who) in now_owed and _the_same(command, state, now_owed, who):
        return None
    return rules.STILL_DUE.unmet("nothing: what was due has happened, or is due later")


def _the_same(
    command: NoteDeadlinePassed, state: Referral, now_owed: dict[Owed, datetime], who: str
) -> bool:
    """A first contact and a screening are owed once; what is owed again and again has its time."""
    once = command.deadline in {Deadline.SCREENING, Deadline.FIRST_CONTACT}
    return once or now_owed[command.deadline, who] == command.due_at
