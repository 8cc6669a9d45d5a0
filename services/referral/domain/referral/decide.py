"""From a command to what happened, or to a refusal with every rule that stands in the way."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from contracts.common import TeamNoted
from contracts.fields import OrganisationId
from kernel.decider import Context, Decider, Decision
from services.referral.domain.referral import (
    contacts,
    corrections,
    course,
    deadlines,
    intake,
    screening,
)
from services.referral.domain.referral.commands import (
    AcceptReferral,
    AddParticipant,
    DeclineReferral,
    IntakeCommand,
    RecordVictimRequest,
    ReferralCommand,
    RemoveParticipant,
    RequestReferral,
    ScreenReferral,
)
from services.referral.domain.referral.course_commands import (
    CloseCase,
    ContactParticipant,
    CorrectEntry,
    CourseCommand,
    HoldCase,
    NeedDisposalReview,
    NoteDeadlinePassed,
    NoteFacilitation,
    NoteTeam,
    ResumeCase,
)
from services.referral.domain.referral.practice import PRACTICE, Practice
from services.referral.domain.referral.state import Referral, evolve


def referral_with(practice: Practice) -> Decider[ReferralCommand, Referral]:
    """The decider of referrals under a hub's own practice."""
    return Decider(
        category="referral",
        initial=Referral(),
        evolve=evolve,
        decide=partial(_decide, practice),
        opens=(RequestReferral,),
        controller=_organisation,
        seen_by=lambda state: state.seen_by,
    )


def _decide(
    practice: Practice, command: ReferralCommand, state: Referral, context: Context
) -> Decision:
    if isinstance(command, IntakeCommand):
        return _taken_in(command, state, context)
    return _on_its_way(practice, command, state, context)


def _taken_in(command: IntakeCommand, state: Referral, context: Context) -> Decision:
    match command:
        case RequestReferral():
            return intake.request(command, state, context)
        case RecordVictimRequest():
            return intake.record_victim_request(command, state)
        case AddParticipant():
            return intake.add(command, state, context)
        case RemoveParticipant():
            return intake.remove(command, state)
        case ScreenReferral():
            return screening.screen(command, state, context)
        case AcceptReferral():
            return screening.accept(command, state, context)
        case DeclineReferral():
            return screening.decline(command, state, context)
        case _:
            assert_never(command)


def _on_its_way(
    practice: Practice, command: CourseCommand, state: Referral, context: Context
) -> Decision:
    match command:
        case ContactParticipant():
            return contacts.contact(command, state, context)
        case HoldCase():
            return course.hold(practice, command, state, context)
        case ResumeCase():
            return course.resume(state)
        case CloseCase():
            return course.close(practice, command, state, context)
        case CorrectEntry():
            return corrections.correct(command, state, context)
        case NoteFacilitation():
            return course.note_facilitation(command)
        case NoteTeam(team=team, facilitation_version=version):
            return [TeamNoted(team=team, facilitation_version=version)]
        case NeedDisposalReview():
            return course.need_disposal_review(state)
        case NoteDeadlinePassed():
            return deadlines.note_passed(practice, command, state)
        case _:
            assert_never(command)


def _organisation(state: Referral) -> OrganisationId | None:
    return state.organisation


REFERRAL = referral_with(PRACTICE)
