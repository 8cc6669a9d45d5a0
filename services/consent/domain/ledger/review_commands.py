"""What may be asked of a ledger besides a yes and a no: review, sharing, corrections, notes."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict

from contracts.consent import ConsentId
from contracts.consent_review import Recipient, SharedData
from contracts.fields import Count, Moment, ParticipantId
from contracts.terms import Method
from kernel.decider import Command


class _Explained(Command):
    model_config = ConfigDict(use_attribute_docstrings=True)


class ReconfirmConsent(_Explained):
    """Record that somebody was asked again and says the same."""

    consent_id: ConsentId
    info_version: Count
    """The edition that the giver was informed by."""
    valid_until: Moment | None = None
    """90 days from now unless said."""


class VaryConsent(_Explained):
    """Record that somebody says yes to other methods from now on, or until another moment."""

    consent_id: ConsentId
    methods: tuple[Method, ...]
    """All to which they say yes from now on."""
    info_version: Count
    """The edition that the giver was informed by."""
    valid_until: Moment | None = None
    """90 days from now unless said."""


class ExpireConsent(_Explained):
    """By policy, when the end of a yes has come."""

    consent_id: ConsentId


class GiveSharingConsent(_Explained):
    """Record that somebody agrees that something is shared with one kind of recipient."""

    participant_id: ParticipantId
    recipients: tuple[Recipient, ...]
    """Exactly one: each is asked about on its own."""
    data: tuple[SharedData, ...]
    info_version: Count
    """The edition that they were informed by."""
    representative_id: ParticipantId | None = None
    """For a child: the appointed representative, who agrees too."""


class WithdrawSharingConsent(_Explained):
    """Record that somebody takes back that anything is shared with this kind of recipient."""

    participant_id: ParticipantId
    recipient: Recipient


class CorrectEntry(_Explained):
    """Say that an earlier entry of this ledger was a mistake."""

    entry: UUID
    """The id of the mistaken event, as the timeline gives it."""


class NoteCaseHold(_Explained):
    """By policy, when a case is put on hold or goes on."""

    on_hold: bool
    referral_version: Count


class NoteCaseClosure(_Explained):
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
