"""What happens to the cases of the specs on their way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from contracts.common import Colleague, TeamNoted
from contracts.facilitation.ids import FacilitatorId
from contracts.fields import CaseId, OrganisationId
from contracts.referral_course import (
    CaseClosed,
    CaseHeld,
    CloseCode,
    ContactChannel,
    ContactOutcome,
    FacilitationNoted,
    HoldReason,
    NextStep,
    ParticipantContacted,
)
from contracts.terms import Participant
from kernel.testing.spec import NOW, an_id
from services.referral.domain.referral.course_commands import (
    CloseCase,
    CloseLookedUp,
    ContactParticipant,
    HoldCase,
)
from tests.unit.referral.matters import VICTIM

REVIEW_AT = NOW + timedelta(days=14)
HOLD = HoldCase(reason=HoldReason.SOMEBODY_NEEDS_TIME, review_at=REVIEW_AT)
HELD = CaseHeld(reason=HoldReason.SOMEBODY_NEEDS_TIME, review_at=REVIEW_AT)

LEAD = Colleague(
    facilitator_id=FacilitatorId(an_id("lead")), organisation=OrganisationId(an_id("provider"))
)


def team(*colleagues: Colleague, version: int = 3) -> TeamNoted:
    return TeamNoted(team=colleagues, facilitation_version=version)


def call(who: Participant = VICTIM, **changed: Any) -> ContactParticipant:
    fields: dict[str, Any] = {
        "participant_id": who.participant_id,
        "channel": ContactChannel.TELEPHONE,
        "outcome": ContactOutcome.REACHED,
        "next_step": NextStep.INFORMATION,
    }
    return ContactParticipant(**(fields | changed))


def called(who: Participant = VICTIM, at: datetime = NOW, **changed: Any) -> ParticipantContacted:
    fields: dict[str, Any] = {
        "participant_id": who.participant_id,
        "attempt_no": 1,
        "channel": ContactChannel.TELEPHONE,
        "outcome": ContactOutcome.REACHED,
        "next_step": NextStep.INFORMATION,
        "contacted_at": at,
    }
    return ParticipantContacted(**(fields | changed))


def missed(who: Participant = VICTIM, at: datetime = NOW, number: int = 1) -> ParticipantContacted:
    return called(
        who,
        at,
        attempt_no=number,
        outcome=ContactOutcome.NO_ANSWER,
        next_step=NextStep.CONTACT_AGAIN,
    )


def told_of_the_end(who: Participant = VICTIM, at: datetime = NOW) -> ParticipantContacted:
    return called(who, at, next_step=NextStep.CASE_CLOSES)


def objected(who: Participant = VICTIM, at: datetime = NOW) -> ParticipantContacted:
    return called(who, at, outcome=ContactOutcome.OBJECTED, next_step=NextStep.CASE_CLOSES)


def close(outcome: CloseCode = CloseCode.INELIGIBLE, **fields: Any) -> CloseCase:
    return CloseCase(outcome=outcome, **fields)


def close_as_duplicate(of: CaseId, *, found: bool = True) -> CloseLookedUp:
    return CloseLookedUp(outcome=CloseCode.DUPLICATE, duplicate_of=of, duplicate_found=found)


def closed(outcome: CloseCode = CloseCode.INELIGIBLE, **fields: Any) -> CaseClosed:
    return CaseClosed(outcome=outcome, **fields)


def noted(**changed: Any) -> FacilitationNoted:
    fields: dict[str, Any] = {
        "meetings": (),
        "agreement_items": (),
        "safety_concerns": (),
        "activity_held": False,
        "agreement_reached": False,
        "facilitation_version": 7,
    }
    return FacilitationNoted(**(fields | changed))
