"""Events of the consent service: a consent is confirmed, varied, ended; and consent to sharing."""

from __future__ import annotations

from enum import StrEnum

from contracts.consent import ConsentId
from contracts.envelope import Event
from contracts.fields import Count, Moment, ParticipantId
from contracts.terms import Method, YesEnded


class Recipient(StrEnum):
    """What kind of body something may be shared with; there is none for everybody."""

    POLICE = "police"
    PROBATION = "probation"
    PRISON = "prison"
    YOUTH_JUSTICE_SERVICE = "youth_justice_service"
    VICTIM_SERVICE = "victim_service"
    SCHOOL = "school"
    HOUSING = "housing"
    HEALTH_SERVICE = "health_service"
    COURT = "court"
    RJ_PROVIDER = "rj_provider"


class SharedData(StrEnum):
    """What is shared."""

    TAKING_PART = "taking_part"
    OUTCOME = "outcome"
    AGREEMENT = "agreement"
    CONTACT_DETAILS = "contact_details"
    NEEDS = "needs"


class ConsentReconfirmed(Event):
    """Somebody was asked again and said the same; it counts from then on anew."""

    consent_id: ConsentId
    participant_id: ParticipantId
    methods: tuple[Method, ...]
    info_version: Count
    """The edition that the giver was informed by."""
    valid_until: Moment
    checked_at: Moment


class ConsentVaried(Event):
    """Somebody says yes to other methods than before, or until another moment."""

    consent_id: ConsentId
    participant_id: ParticipantId
    methods: tuple[Method, ...]
    """All to which they say yes from now on."""
    info_version: Count
    """The edition that the giver was informed by."""
    valid_until: Moment
    checked_at: Moment
    ends: tuple[YesEnded, ...] = ()
    """Whose yes, to what, ended with it: that of a child, too, beside whom the giver stands."""


class ConsentExpired(Event):
    """A yes has come to its end without having been confirmed."""

    consent_id: ConsentId
    participant_id: ParticipantId
    methods: tuple[Method, ...]
    no_longer: tuple[Method, ...] | None = None
    """Of these, to which no yes to taking part stands any longer; not said before it was known."""


class SharingConsentGiven(Event):
    """Somebody agrees that this is shared with one kind of recipient."""

    participant_id: ParticipantId
    recipient: Recipient
    data: tuple[SharedData, ...]
    representative_id: ParticipantId | None = None
    """Who agrees too, where somebody is a child."""


class SharingConsentWithdrawn(Event):
    """Somebody takes back that anything is shared with this kind of recipient."""

    participant_id: ParticipantId
    recipient: Recipient


EVENTS: tuple[type[Event], ...] = (
    ConsentReconfirmed,
    ConsentVaried,
    ConsentExpired,
    SharingConsentGiven,
    SharingConsentWithdrawn,
)
