"""Getting in touch with people: who was tried, who was told, who wants to be left alone."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from contracts.fields import ParticipantId
from contracts.referral_course import (
    ContactChannel,
    ContactOutcome,
    NextStep,
    ParticipantContacted,
)
from kernel.decider import Context, Decision, Unmet, refuse_unless
from services.referral.domain.referral import checks
from services.referral.domain.referral import course_rules as rules
from services.referral.domain.referral.course_commands import ContactParticipant
from services.referral.domain.referral.practice import Practice
from services.referral.domain.referral.state import Contact, Referral


def contact(command: ContactParticipant, state: Referral, context: Context) -> Decision:
    """Count the attempt, whatever became of it."""
    return refuse_unless(
        checks.still_open(state),
        checks.in_the_case(state, command.participant_id),
        _left_alone(command, state),
    ) or [
        ParticipantContacted(
            participant_id=command.participant_id,
            attempt_no=len(contacts_with(state, command.participant_id)) + 1,
            channel=command.channel,
            outcome=command.outcome,
            next_step=command.next_step,
            contacted_at=min(command.happened_at or context.now, context.now),
        )
    ]


def contacts_with(state: Referral, participant_id: ParticipantId) -> tuple[Contact, ...]:
    """Every attempt, the earliest first."""
    found = (one for one in state.contacts if one.participant_id == participant_id)
    return tuple(sorted(found, key=lambda one: one.contacted_at))


def objects(state: Referral, participant_id: ParticipantId) -> bool:
    """Whether the last that they said of it was that they want to be left alone."""
    spoken = [one for one in contacts_with(state, participant_id) if one.reached]
    return bool(spoken) and spoken[-1].outcome is ContactOutcome.OBJECTED


def told_of_the_end(state: Referral, participant_id: ParticipantId) -> bool:
    """Whether the last that they were told is that the case closes."""
    spoken = [one for one in contacts_with(state, participant_id) if one.reached]
    return bool(spoken) and spoken[-1].next_step is NextStep.CASE_CLOSES


def in_vain(
    practice: Practice, state: Referral, participant_id: ParticipantId, now: datetime
) -> bool:
    """Whether they were tried often and for long enough since they were last spoken with."""
    latest_first = reversed(contacts_with(state, participant_id))
    missed = list(takewhile(lambda one: not one.reached, latest_first))
    if len(missed) < practice.attempts:
        return False
    days = practice.attempts_over_days
    return now >= practice.calendar.add_working_days(missed[-1].contacted_at, days)


def _left_alone(command: ContactParticipant, state: Referral) -> Unmet | None:
    own_accord = command.channel is ContactChannel.THEY_CAME_TO_US
    if own_accord or not objects(state, command.participant_id):
        return None
    return rules.OBJECTION.unmet("wait until they come to the hub of their own accord")
