"""Every event in plain words: one table, a row for each event of the published language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.common import (
    CaseClosureNoted,
    CaseHoldNoted,
    EntryCorrected,
    ParticipantsNoted,
    TeamNoted,
)
from contracts.consent import (
    CapacityRecorded,
    ConsentDeclined,
    ConsentGiven,
    ConsentInformationProvided,
    ConsentLedgerOpened,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    Purpose,
    RepresentativeAppointed,
    RepresentativeEnded,
)
from contracts.consent_clearance import ActivityCleared
from contracts.consent_review import (
    ConsentExpired,
    ConsentReconfirmed,
    ConsentVaried,
    SharingConsentGiven,
    SharingConsentWithdrawn,
)
from contracts.envelope import Event
from contracts.referral import (
    ParticipantAdded,
    ParticipantRemoved,
    ReferralAccepted,
    ReferralDeclined,
    ReferralDuplicateLinked,
    ReferralRequested,
    ReferralScreened,
    VictimRequestRecorded,
)
from contracts.referral_course import (
    CaseClosed,
    CaseHeld,
    CaseResumed,
    DeadlinePassed,
    DisposalReviewNeeded,
    FacilitationNoted,
    ParticipantContacted,
)
from contracts.terms import Method
from services.reporting.projections.timeline import facilitation_words

Who = Callable[[UUID], str]
"""A participant in words, such as "the victim"."""

# What one person said, or what was found of them: for staff alone, as one side is never told of the
# other. For the same reason no words below give the reasons of a screening or a decline, or how a
# case ended.
PERSONAL: frozenset[type[Event]] = frozenset(
    {
        ConsentInformationProvided,
        CapacityRecorded,
        RepresentativeAppointed,
        RepresentativeEnded,
        ConsentGiven,
        ConsentDeclined,
        ConsentWithdrawn,
        ConsentReconfirmed,
        ConsentVaried,
        ConsentExpired,
        SharingConsentGiven,
        SharingConsentWithdrawn,
        ParticipantContacted,
        *facilitation_words.PERSONAL,
    }
)


def words(event: Event, who: Who) -> str:
    """What happened, in one sentence."""
    row = WORDS[type(event)]
    said = row.format_map(_spoken(event, who)) if isinstance(row, str) else row(event, who)
    return f"{said[:1].upper()}{said[1:]}."


def _yes(event: ConsentGiven, who: Who) -> str:
    person = who(event.participant_id)
    giver = person if event.given_by == event.participant_id else f"a representative of {person}"
    plainly = event.purposes == (Purpose.TAKE_PART,)
    return f"{giver} said yes to {_listed(event.methods)}" + (
        "" if plainly else f", for this: {_listed(event.purposes)}"
    )


WORDS: Mapping[type[Event], str | Callable[[Any, Who], str]] = {
    ReferralRequested: "a referral was requested: {setting}, with {participants}",
    ReferralDuplicateLinked: "the incident has an open case; this request was linked to it",
    VictimRequestRecorded: "{participant_id} asked for restorative justice",
    ParticipantAdded: "somebody joined the case: {role}",
    ParticipantRemoved: "somebody left the case: {role}",
    ReferralScreened: (
        "the referral was screened: {decision}, {complexity}, to be led at {min_level} level"
    ),
    ReferralAccepted: "the hub took the case on",
    ReferralDeclined: "the hub did not take the case on",
    ParticipantContacted: "{participant_id} and the hub, {channel}: {outcome}; next: {next_step}",
    CaseHeld: "the case is on hold: {reason}",
    CaseResumed: "the case goes on",
    CaseClosed: "the case was closed",
    FacilitationNoted: "it was noted how far facilitation has come",
    DisposalReviewNeeded: "whoever decides on the disposal has to decide again: {reason}",
    DeadlinePassed: "this is overdue: {deadline}",
    EntryCorrected: "an earlier entry was a mistake and counts no longer",
    CaseHoldNoted: lambda event, _: (
        "it was noted that the case is on hold"
        if event.on_hold
        else "it was noted that the case goes on"
    ),
    CaseClosureNoted: "it was noted that the case is closed",
    ParticipantsNoted: "it was noted who is in the case now: {participants}",
    TeamNoted: "it was noted who facilitates the case now",
    ConsentLedgerOpened: "from now on it is recorded who agrees to what",
    ConsentInformationProvided: "{participant_id} was told what there is to know, {format}",
    CapacityRecorded: "{participant_id} {result} to decide about taking part",
    RepresentativeAppointed: "{participant_id} has a representative from now on: {kind}",
    RepresentativeEnded: "{participant_id} has a representative no longer",
    ConsentGiven: _yes,
    ConsentDeclined: "{participant_id} said no to {methods}",
    ConsentWithdrawn: "{participant_id} took back any consent to {methods}",
    ConsentReconfirmed: "{participant_id} was asked again and still says yes to {methods}",
    ConsentVaried: "{participant_id} now says yes to {methods}",
    ConsentExpired: "the yes of {participant_id} to {methods} has come to its end",
    SharingConsentGiven: "{participant_id} agrees that this is shared with {recipient}: {data}",
    SharingConsentWithdrawn: "{participant_id} agrees no longer to sharing with {recipient}",
    ConsentQuorumReached: "everybody agrees to {method}",
    ActivityCleared: "everybody consents at this moment, so this may begin: {method}",
    ConsentQuorumLost: "not everybody agrees to {method} any longer",
    **facilitation_words.WORDS,
}


def _spoken(event: Event, who: Who) -> dict[str, str]:
    return {name: _spell(getattr(event, name), who) for name in type(event).model_fields}


def _spell(value: object, who: Who) -> str:
    match value:
        case StrEnum():
            return _plain(value)
        case UUID():
            return who(value)
        case tuple():
            codes = (getattr(one, "role", getattr(one, "type", one)) for one in value)
            return _listed([one for one in codes if isinstance(one, StrEnum)])
        case _:
            return ""


def _plain(code: StrEnum) -> str:
    return code.value.replace("_", " ")


def _listed(codes: Sequence[StrEnum]) -> str:
    if frozenset(codes) == frozenset(Method):
        return "every method"
    *first, last = [_plain(one) for one in codes] or ["nobody"]
    return f"{', '.join(first)} and {last}" if first else last
