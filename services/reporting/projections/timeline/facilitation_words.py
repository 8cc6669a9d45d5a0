"""The events of facilitation in plain words; `words` says how a row is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from contracts.envelope import Event
from contracts.facilitation.aftercare import (
    AgreementClosed,
    AgreementItemCompleted,
    AgreementItemMissed,
    AgreementItemVaried,
    FollowUpHeld,
    NoAgreement,
    OutcomeAgreementReached,
    SafetyConcernRaised,
    SafetyConcernResolved,
)
from contracts.facilitation.exchange import (
    LetterDelivered,
    LetterDrafted,
    LetterRefused,
    LetterReviewed,
    LetterStopped,
    MessageRelayed,
)
from contracts.facilitation.meeting import (
    MeetingCancelled,
    MeetingHeld,
    MeetingNotHeld,
    MeetingRescheduled,
    MeetingScheduled,
    MeetingStarted,
    MeetingStopped,
)
from contracts.facilitation.noted import (
    ClearanceNoted,
    ConsentLossNoted,
    ConsentQuorumNoted,
    ConsentWithdrawalNoted,
    FacilitationOpened,
    FacilitatorLossNoted,
)
from contracts.facilitation.preparation import (
    MethodAgreed,
    PreparationMeetingHeld,
    ResponsibilityRecorded,
    RiskAssessed,
    RiskEscalated,
    VenueApproved,
)
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    ReservationSettled,
)

Who = Callable[[UUID], str]

PERSONAL: frozenset[type[Event]] = frozenset(
    {
        ConsentWithdrawalNoted,
        PreparationMeetingHeld,
        ResponsibilityRecorded,
        RiskAssessed,
        RiskEscalated,
        FollowUpHeld,
        SafetyConcernRaised,
        SafetyConcernResolved,
    }
)


def _settled(event: ReservationSettled, _: Who) -> str:
    found = "is needed" if event.in_use else "is not needed"
    return f"it was found that a facilitator who was reserved {found}"


WORDS: Mapping[type[Event], str | Callable[[Any, Who], str]] = {
    FacilitationOpened: "facilitation opened the case",
    ConsentQuorumNoted: "facilitation noted that everybody agrees to {method}",
    ConsentLossNoted: "facilitation noted that not everybody agrees to {method} any longer",
    ConsentWithdrawalNoted: "facilitation noted a no of {participant_id} to {methods}",
    ClearanceNoted: "facilitation noted that an activity may begin: {method}",
    FacilitatorLossNoted: "facilitation noted that a facilitator cannot work on it: {reason}",
    FacilitatorAssigned: "a facilitator of {level} level was assigned: {part}",
    FacilitatorUnassigned: "a facilitator works on the case no longer: {reason}",
    ReservationSettled: _settled,
    PreparationMeetingHeld: "{participant_id} was prepared, {mode}; readiness: {readiness}",
    ResponsibilityRecorded: "how far {participant_id} takes responsibility: {responsibility}",
    RiskAssessed: "the risk was assessed: {level}",
    RiskEscalated: "the risk is greater than assessed: {reason}",
    MethodAgreed: "it was settled how people come together: {method}",
    VenueApproved: "a place was found safe: {type}",
    MeetingScheduled: "a meeting was arranged: {method}",
    MeetingRescheduled: "a meeting was arranged anew: {method}",
    MeetingCancelled: "a meeting was cancelled: {reason}",
    MeetingStarted: "a meeting began: {method}",
    MeetingHeld: "a meeting was held: {method}",
    MeetingStopped: "a meeting was stopped: {reason}",
    MeetingNotHeld: "a meeting was not held: {reason}",
    LetterDrafted: "something was drafted: {method}, {direction}",
    LetterReviewed: "what was drafted was reviewed: {result}",
    LetterDelivered: "this was delivered: {method}, {direction}",
    LetterRefused: "what was drafted is not taken by whom it is for",
    LetterStopped: "what was drafted will not be delivered: {reason}",
    MessageRelayed: "word was carried: {direction}",
    OutcomeAgreementReached: "an agreement was reached: {items}",
    NoAgreement: "there was no agreement",
    AgreementItemCompleted: "what was agreed was done",
    AgreementItemMissed: "what was agreed was not done",
    AgreementItemVaried: "what was agreed was changed with the assent of all: {type}",
    AgreementClosed: "all that was agreed has been seen to",
    FollowUpHeld: "{participant_id} was asked how they fare, after {wave}: {wellbeing}",
    SafetyConcernRaised: "a concern for safety was raised: {severity}, {kind}",
    SafetyConcernResolved: "a concern for safety was settled: {outcome}",
}
