"""What may be asked of a referral."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import Field

from contracts.fields import CaseId, Part, ParticipantId
from contracts.referral import (
    AbuseScreen,
    AcceptanceReason,
    BestInterests,
    Complexity,
    HarmFlag,
    InitiatedBy,
    Need,
    ReasonCode,
    ScreeningDecision,
    Signpost,
    SourceType,
    Stage,
)
from contracts.terms import AgeBand, Level, ParticipantRole, Setting
from kernel.decider import Command
from services.referral.domain.referral.course_commands import CourseCommand

T = TypeVar("T")

MOST_PARTICIPANTS = 50


def distinct(codes: Iterable[T]) -> tuple[T, ...]:
    """Each code once, in the order in which it was said first."""
    return tuple(dict.fromkeys(codes))


class ScreenerConflict(StrEnum):
    """What the person who screens declares about themselves."""

    NONE = "none"
    KNOWS_A_PARTICIPANT = "knows_a_participant"
    EARLIER_ROLE = "earlier_role"
    INTEREST_IN_OUTCOME = "interest_in_outcome"


class NewParticipant(Part):
    """Somebody in the matter; the service gives the id, which is scoped to the case."""

    role: ParticipantRole
    age_band: AgeBand


class ReferralDetails(Command):
    """What is said of a matter when the hub is asked to look at it."""

    setting: Setting
    stage: Stage
    harm_flags: tuple[HarmFlag, ...] = ()
    initiated_by: InitiatedBy
    victim_request: bool = Field(
        description="whether a victim, or a party to a dispute, has asked for restorative justice"
    )
    participants: Annotated[tuple[NewParticipant, ...], Field(max_length=MOST_PARTICIPANTS)]
    source_type: SourceType
    supersedes: CaseId | None = Field(
        None, description="the closed case that this one takes up again"
    )


class RequestReferral(ReferralDetails):
    """Ask the hub to look at a matter."""

    duplicate_of: CaseId | None = Field(
        None, description="the open case that holds the token of the same incident"
    )
    takes_up_closed: bool = Field(
        False,
        description="whether the case in `supersedes` is over, and one that whoever refers sees",
    )


class RecordVictimRequest(Command):
    """Record that a victim, or a party, now asks for restorative justice."""

    participant_id: ParticipantId


class AddParticipant(Command):
    """Add a person to the case."""

    role: ParticipantRole
    age_band: AgeBand
    needs: tuple[Need, ...] = ()


class RemoveParticipant(Command):
    """Take a person out of the case."""

    participant_id: ParticipantId


class ScreenReferral(Command):
    """Say what a trained person found on looking at the case."""

    decision: ScreeningDecision
    complexity: Complexity
    min_level: Level = Field(description="the least training of whoever may lead the case")
    flags: tuple[HarmFlag, ...] = Field(
        (), description="found in the screening, besides those of the request"
    )
    reasons: tuple[ReasonCode, ...] = ()
    abuse_screen: AbuseScreen = AbuseScreen.NOT_DONE
    best_interests: BestInterests = BestInterests.NOT_ASSESSED
    screener_trained: bool = Field(
        description="declared by whoever screens: I am trained to screen"
    )
    screener_conflict: ScreenerConflict = Field(
        description="declared by whoever screens: what ties me to this matter"
    )


class AcceptReferral(Command):
    """Take the case on."""

    reasons: tuple[AcceptanceReason, ...] = ()
    signposted_to: tuple[Signpost, ...] = ()
    specialist_service: bool = Field(
        False, description="whether a service for those harmed by gender-based violence is engaged"
    )


class DeclineReferral(Command):
    """Do not take the case on."""

    reasons: tuple[ReasonCode, ...]
    signposted_to: tuple[Signpost, ...] = ()


IntakeCommand = (
    RequestReferral
    | RecordVictimRequest
    | AddParticipant
    | RemoveParticipant
    | ScreenReferral
    | AcceptReferral
    | DeclineReferral
)

ReferralCommand = IntakeCommand | CourseCommand
