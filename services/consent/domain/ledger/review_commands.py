"""What may be asked of a ledger besides a yes and a no: review, sharing, corrections, notes."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from contracts.consent import ConsentId
from contracts.consent_review import Recipient, SharedData
from contracts.fields import Count, Moment, ParticipantId
from contracts.terms import Method
from kernel.decider import Command


class ReconfirmConsent(Command):
    """Record that somebody was asked again and says the same."""

    consent_id: ConsentId
    info_version: Count = Field(description="the edition that the giver was informed by")
    valid_until: Moment | None = Field(None, description="90 days from now unless said")


class VaryConsent(Command):
    """Record that somebody says yes to other methods from now on, or until another moment."""

    consent_id: ConsentId
    methods: tuple[Method, ...] = Field(description="all to which they say yes from now on")
    info_version: Count = Field(description="the edition that the giver was informed by")
    valid_until: Moment | None = Field(None, description="90 days from now unless said")


class ExpireConsent(Command):
    """By policy, when the end of a yes has come."""

    consent_id: ConsentId


class GiveSharingConsent(Command):
    """Record that somebody agrees that something is shared with one kind of recipient."""

    participant_id: ParticipantId
    recipients: tuple[Recipient, ...] = Field(
        description="exactly one: each is asked about on its own"
    )
    data: tuple[SharedData, ...]
    info_version: Count = Field(description="the edition that they were informed by")
    representative_id: ParticipantId | None = Field(
        None, description="for a child: the appointed representative, who agrees too"
    )


class WithdrawSharingConsent(Command):
    """Record that somebody takes back that anything is shared with this kind of recipient."""

    participant_id: ParticipantId
    recipient: Recipient


class CorrectEntry(Command):
    """Say that an earlier entry of this ledger was a mistake."""

    entry: UUID = Field(description="the id of the mistaken event, as the timeline gives it")


class NoteCaseHold(Command):
    """By policy, when a case is put on hold or goes on."""

    on_hold: bool
    referral_version: Count


class NoteCaseClosure(Command):
    """By policy, when a case is closed."""

    referral_version: Count


ReviewCommand = (
    ReconfirmConsent
    | VaryConsent
    | ExpireConsent
    | GiveSharingConsent
    | WithdrawSharingConsent
    | CorrectEntry
)
