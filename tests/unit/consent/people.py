"""The people of the consent specs, and what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contracts.common import Colleague, TeamNoted
from contracts.consent import (
    Channel,
    ConsentGiven,
    ConsentId,
    ConsentInformationProvided,
    ConsentLedgerOpened,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    Evidence,
    InformationFormat,
    InformationItem,
    Language,
    Purpose,
    RepresentativeAppointed,
    RepresentativeBasis,
    RepresentativeKind,
)
from contracts.envelope import Event
from contracts.facilitation.ids import FacilitatorId
from contracts.fields import OrganisationId, ParticipantId, Role
from contracts.terms import AgeBand, Method, Participant, ParticipantRole, Setting, YesEnded
from kernel.testing.spec import HUB, NOW, an_id, deciding
from services.consent.domain.ledger.commands import GiveConsent, WithdrawConsent
from services.consent.domain.ledger.decide import LEDGER

given = deciding(LEDGER)

SCHOOL = OrganisationId(an_id("school"))
EVERY_ITEM = tuple(InformationItem)
LATER = NOW + timedelta(days=90)
ALL = tuple(Method)
LETTER = Method.LETTER


def someone(name: str, role: ParticipantRole, age: AgeBand = AgeBand.FROM_26_TO_64) -> Participant:
    return Participant(participant_id=ParticipantId(an_id(name)), role=role, age_band=age)


VICTIM = someone("victim", ParticipantRole.VICTIM)
OFFENDER = someone("offender", ParticipantRole.OFFENDER)
CHILD = someone("child", ParticipantRole.VICTIM, AgeBand.FROM_10_TO_15)
PARENT = someone("parent", ParticipantRole.REPRESENTATIVE)
SUPPORTER = someone("supporter", ParticipantRole.SUPPORTER)
NEIGHBOUR = someone("neighbour", ParticipantRole.PARTY)
OTHER_NEIGHBOUR = someone("other neighbour", ParticipantRole.PARTY)
LEAD = Colleague(
    facilitator_id=FacilitatorId(an_id(f"actor {Role.FACILITATOR}")),  # as `.by(Role.FACILITATOR)`
    organisation=OrganisationId(an_id("provider")),
)


def opened(*participants: Participant) -> ConsentLedgerOpened:
    return ConsentLedgerOpened(
        setting=Setting.POST_COURT,
        participants=participants or (VICTIM, OFFENDER),
        controller=HUB,
        organisation=SCHOOL,
    )


def team(*colleagues: Colleague, version: int = 3) -> TeamNoted:
    return TeamNoted(team=colleagues, facilitation_version=version)


def told(who: Participant, version: int = 1) -> ConsentInformationProvided:
    return ConsentInformationProvided(
        participant_id=who.participant_id,
        info_version=version,
        items=EVERY_ITEM,
        format=InformationFormat.IN_PERSON,
        language=Language.ENGLISH,
        interpreter=False,
    )


def stands_beside(who: Participant, representative: Participant) -> RepresentativeAppointed:
    return RepresentativeAppointed(
        participant_id=who.participant_id,
        representative_id=representative.participant_id,
        kind=RepresentativeKind.PARENT_OR_CARER,
        basis=RepresentativeBasis.PARENTAL_RESPONSIBILITY,
    )


def consent_id(name: str) -> ConsentId:
    return ConsentId(an_id(f"consent {name}"))


def said_yes(who: Participant, *methods: Method, name: str = "", **fields: Any) -> ConsentGiven:
    values: dict[str, Any] = {
        "consent_id": consent_id(name or str(who.participant_id)),
        "participant_id": who.participant_id,
        "given_by": who.participant_id,
        "methods": methods or (LETTER,),
        "purposes": (Purpose.TAKE_PART,),
        "evidence": Evidence.WRITTEN,
        "info_version": 1,
        "acknowledged": EVERY_ITEM,
        "valid_until": LATER,
        "checked_at": NOW,
    }
    return ConsentGiven(**values | fields)


def say_yes(who: Participant, *methods: Method, **fields: Any) -> GiveConsent:
    values: dict[str, Any] = {
        "participant_id": who.participant_id,
        "methods": methods or (LETTER,),
        "evidence": Evidence.WRITTEN,
        "info_version": 1,
        "acknowledged": EVERY_ITEM,
    }
    return GiveConsent(**values | fields)


def took_back(
    who: Participant, *methods: Method, also_ends: tuple[YesEnded, ...] = ()
) -> ConsentWithdrawn:
    return ConsentWithdrawn(
        participant_id=who.participant_id,
        methods=methods or ALL,
        channel=Channel.BY_TELEPHONE,
        also_ends=also_ends,
    )


def ended(who: Participant, *methods: Method) -> tuple[YesEnded, ...]:
    return (YesEnded(participant_id=who.participant_id, methods=methods or ALL),)


def take_back(who: Participant, *methods: Method) -> WithdrawConsent:
    return WithdrawConsent(
        participant_id=who.participant_id, methods=methods, channel=Channel.BY_TELEPHONE
    )


def between(*people: Participant) -> tuple[ParticipantId, ...]:
    return tuple(sorted(one.participant_id for one in people))


def reached(*people: Participant, method: Method = LETTER) -> ConsentQuorumReached:
    return ConsentQuorumReached(method=method, participants=between(*people))


def lost(*people: Participant, method: Method = LETTER) -> ConsentQuorumLost:
    return ConsentQuorumLost(method=method, participants=between(*people))


def agreed(*people: Participant) -> tuple[Event, ...]:
    """A case in which everybody has said yes to a letter."""
    return (
        opened(*people),
        *(told(one) for one in people),
        *(said_yes(one) for one in people),
        reached(*people),
    )
