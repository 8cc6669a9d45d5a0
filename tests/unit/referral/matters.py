"""The matters of the referral specs."""

from __future__ import annotations

from typing import Any

from contracts.fields import ActorId, CaseId, OrganisationId, ParticipantId
from contracts.referral import (
    AbuseScreen,
    BestInterests,
    Complexity,
    HarmFlag,
    InitiatedBy,
    ReasonCode,
    ReferralAccepted,
    ReferralDeclined,
    ReferralDuplicateLinked,
    ReferralRequested,
    ReferralScreened,
    ScreeningDecision,
    SourceType,
    Stage,
)
from contracts.terms import AgeBand, Level, Participant, ParticipantRole, Setting
from kernel.testing.spec import an_id, deciding
from services.referral.domain.referral.commands import (
    NewParticipant,
    RequestReferral,
    ScreenerConflict,
    ScreenReferral,
)
from services.referral.domain.referral.decide import REFERRAL

given = deciding(REFERRAL)

POLICE = OrganisationId(an_id("police"))
OFFICER = ActorId(an_id("the officer in charge"))


def someone(name: str, role: ParticipantRole, age: AgeBand = AgeBand.FROM_26_TO_64) -> Participant:
    return Participant(participant_id=ParticipantId(an_id(name)), role=role, age_band=age)


VICTIM = someone("victim", ParticipantRole.VICTIM)
OFFENDER = someone("offender", ParticipantRole.OFFENDER)
SUPPORTER = someone("supporter", ParticipantRole.SUPPORTER)
NEIGHBOUR = someone("neighbour", ParticipantRole.PARTY)


def new(role: ParticipantRole, age: AgeBand = AgeBand.FROM_26_TO_64) -> NewParticipant:
    return NewParticipant(role=role, age_band=age)


def request(*participants: NewParticipant, **changed: Any) -> RequestReferral:
    fields: dict[str, Any] = {
        "setting": Setting.POST_COURT,
        "stage": Stage.SENTENCED,
        "initiated_by": InitiatedBy.VICTIM,
        "victim_request": True,
        "participants": participants,
        "source_type": SourceType.OFFICER_IN_CHARGE,
    }
    return RequestReferral(**(fields | changed))


def requested(*participants: Participant, **changed: Any) -> ReferralRequested:
    fields: dict[str, Any] = {
        "setting": Setting.POST_COURT,
        "stage": Stage.SENTENCED,
        "harm_flags": (),
        "initiated_by": InitiatedBy.VICTIM,
        "victim_request": True,
        "participants": participants or (VICTIM, OFFENDER),
        "source_type": SourceType.OFFICER_IN_CHARGE,
        "organisation": POLICE,
        "requested_by": OFFICER,
    }
    return ReferralRequested(**(fields | changed))


def screen(**changed: Any) -> ScreenReferral:
    fields: dict[str, Any] = {
        "decision": ScreeningDecision.SUITABLE,
        "complexity": Complexity.STANDARD,
        "min_level": Level.INTERMEDIATE,
        "screener_trained": True,
        "screener_conflict": ScreenerConflict.NONE,
    }
    return ScreenReferral(**(fields | changed))


def screened(**changed: Any) -> ReferralScreened:
    fields: dict[str, Any] = {
        "decision": ScreeningDecision.SUITABLE,
        "complexity": Complexity.STANDARD,
        "min_level": Level.INTERMEDIATE,
        "flags": (),
        "reasons": (),
        "abuse_screen": AbuseScreen.NOT_DONE,
        "best_interests": BestInterests.NOT_ASSESSED,
    }
    return ReferralScreened(**(fields | changed))


def screened_complex(*flags: HarmFlag, **changed: Any) -> ReferralScreened:
    return screened(
        complexity=Complexity.SENSITIVE_AND_COMPLEX,
        min_level=Level.ADVANCED,
        flags=flags,
        **changed,
    )


def accepted(**changed: Any) -> ReferralAccepted:
    fields: dict[str, Any] = {
        "setting": Setting.POST_COURT,
        "complexity": Complexity.STANDARD,
        "min_level": Level.INTERMEDIATE,
        "participants": (VICTIM, OFFENDER),
        "reasons": (),
        "signposted_to": (),
        "specialist_service": False,
        "organisation": POLICE,
    }
    return ReferralAccepted(**(fields | changed))


DECLINED = ReferralDeclined(reasons=(ReasonCode.NO_CONTACT,), signposted_to=())
LINKED = ReferralDuplicateLinked(
    duplicate_of=CaseId(an_id("other case")),
    setting=Setting.POST_COURT,
    source_type=SourceType.OFFICER_IN_CHARGE,
    organisation=POLICE,
)
