"""Events of the referral service: a matter comes in, is looked at, and is accepted or declined."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from contracts.envelope import Event, Topic
from contracts.fields import ActorId, CaseId, Moment, OrganisationId, ParticipantId
from contracts.terms import AgeBand, Level, Participant, ParticipantRole, Setting


class Stage(StrEnum):
    """How far a criminal process has gone, where there is one."""

    NOT_CRIMINAL = "not_criminal"
    INVESTIGATION = "investigation"
    OUT_OF_COURT = "out_of_court"
    CHARGED = "charged"
    SENTENCE_DEFERRED = "sentence_deferred"
    SENTENCED = "sentenced"


class HarmFlag(StrEnum):
    """What makes a matter sensitive; a category, never a narrative."""

    SEXUAL_VIOLENCE = "sexual_violence"
    DOMESTIC_ABUSE = "domestic_abuse"
    GENDER_BASED_VIOLENCE = "gender_based_violence"
    TRAFFICKING = "trafficking"
    STALKING = "stalking"
    CHILD_EXPLOITATION = "child_exploitation"
    DEATH = "death"
    HATE = "hate"
    HIGH_VULNERABILITY = "high_vulnerability"


class InitiatedBy(StrEnum):
    """Whose idea the referral was."""

    VICTIM = "victim"
    OFFENDER = "offender"
    PARTY = "party"
    PROFESSIONAL = "professional"


class SourceType(StrEnum):
    """What kind of body, or person, the referral comes from."""

    OFFICER_IN_CHARGE = "officer_in_charge"
    YOUTH_JUSTICE_SERVICE = "youth_justice_service"
    PROBATION = "probation"
    PRISON = "prison"
    VICTIM_SERVICE = "victim_service"
    SCHOOL = "school"
    HOUSING = "housing"
    SELF = "self"
    OTHER_PARTNER = "other_partner"


class Need(StrEnum):
    """What a person needs in order to take part: an arrangement, never a condition."""

    INTERPRETER = "interpreter"
    COMMUNICATION_SUPPORT = "communication_support"
    ACCESSIBLE_VENUE = "accessible_venue"
    SUPPORTER_PRESENT = "supporter_present"
    REMOTE_ATTENDANCE = "remote_attendance"
    SEPARATE_ARRIVAL = "separate_arrival"


class ScreeningDecision(StrEnum):
    """What a trained person found."""

    SUITABLE = "suitable"
    UNSUITABLE = "unsuitable"
    MORE_INFORMATION_NEEDED = "more_information_needed"


class Complexity(StrEnum):
    """`sensitive_and_complex` is the Restorative Justice Council's category."""

    STANDARD = "standard"
    SENSITIVE_AND_COMPLEX = "sensitive_and_complex"


class AbuseScreen(StrEnum):
    """The screen for abuse and coercive control."""

    NOT_DONE = "not_done"
    CLEAR = "clear"
    CONCERN = "concern"


class BestInterests(StrEnum):
    """Whether taking part is in the best interests of an offender under 18."""

    NOT_ASSESSED = "not_assessed"
    ALL_ADULTS = "all_adults"
    IN_BEST_INTERESTS = "in_best_interests"
    AGAINST_BEST_INTERESTS = "against_best_interests"


class ReasonCode(StrEnum):
    """Why a matter was found unsuitable or declined."""

    VICTIM_DECLINED = "victim_declined"
    OFFENDER_DECLINED = "offender_declined"
    UNSAFE = "unsafe"
    NO_CONTACT = "no_contact"
    INELIGIBLE = "ineligible"
    NO_RESPONSIBILITY = "no_responsibility"
    OFFENCE_TYPE = "offence_type"
    OTHER = "other"


class AcceptanceReason(StrEnum):
    """What speaks for taking the matter on."""

    VICTIM_ASKED = "victim_asked"
    OFFENDER_WILLING = "offender_willing"
    RESPONSIBILITY_TAKEN = "responsibility_taken"
    HARM_CAN_BE_ADDRESSED = "harm_can_be_addressed"


class Signpost(StrEnum):
    """What kind of help somebody was pointed to."""

    VICTIM_SUPPORT = "victim_support"
    DOMESTIC_ABUSE_SERVICE = "domestic_abuse_service"
    SEXUAL_VIOLENCE_SERVICE = "sexual_violence_service"
    MEDIATION = "mediation"
    HOUSING = "housing"
    YOUTH_SERVICE = "youth_service"
    PROBATION = "probation"
    POLICE = "police"
    LEGAL_ADVICE = "legal_advice"


class ReferralRequested(Event):
    """Somebody asks the hub to look at one incident or dispute; the case begins."""

    setting: Setting
    stage: Stage
    harm_flags: tuple[HarmFlag, ...]
    initiated_by: InitiatedBy
    victim_request: bool
    """Whether a victim, or a party to a dispute, has asked for restorative justice."""
    participants: tuple[Participant, ...]
    source_type: SourceType
    organisation: OrganisationId
    """The organisation that asks; it sees the case, as the hub does."""
    requested_by: ActorId
    supersedes: CaseId | None = None
    """The closed case that this one takes up again."""


class ReferralDuplicateLinked(Event):
    """A request concerns an incident that has an open case; it is linked there and ends here."""

    duplicate_of: CaseId
    setting: Setting
    source_type: SourceType
    organisation: OrganisationId


class VictimRequestRecorded(Event):
    """A victim, or a party to a dispute, asks for restorative justice after the referral came."""

    participant_id: ParticipantId


class ParticipantAdded(Event):
    """A person joins the case."""

    participant_id: ParticipantId
    role: ParticipantRole
    age_band: AgeBand
    needs: tuple[Need, ...]


class ParticipantRemoved(Event):
    """A person leaves the case."""

    participant_id: ParticipantId
    role: ParticipantRole


class ReferralScreened(Event):
    """A trained coordinator has looked at the case; a later screening replaces an earlier one."""

    decision: ScreeningDecision
    complexity: Complexity
    min_level: Level
    """The least training of whoever may lead the case."""
    flags: tuple[HarmFlag, ...]
    """Found in the screening, besides those of the request."""
    reasons: tuple[ReasonCode, ...]
    abuse_screen: AbuseScreen
    best_interests: BestInterests


class ReferralAccepted(Event):
    """The hub takes the case on; consent and facilitation open it on their side.

    It says all that they need: what was accepted, as it stood then.
    """

    setting: Setting
    complexity: Complexity
    min_level: Level
    participants: tuple[Participant, ...]
    reasons: tuple[AcceptanceReason, ...]
    signposted_to: tuple[Signpost, ...]
    specialist_service: bool
    """Whether a service for those harmed by this kind of violence is engaged."""
    organisation: OrganisationId
    """The organisation that asked for it."""


class ReferralDeclined(Event):
    """The hub does not take the case on, and says where else help may be found."""

    reasons: tuple[ReasonCode, ...]
    signposted_to: tuple[Signpost, ...]


class TokenHeld(Event):
    """A case takes the token of an incident, so that no second case is opened for it.

    Private: a token is a keyed hash of the incident's reference, so its stream stays in the store
    of the referral service and is never relayed.
    """

    topic: ClassVar[str] = Topic.PRIVATE

    case_id: CaseId
    until: Moment
    """From then on the hold has lapsed, unless the case was requested."""


EVENTS: tuple[type[Event], ...] = (
    ReferralRequested,
    ReferralDuplicateLinked,
    VictimRequestRecorded,
    ParticipantAdded,
    ParticipantRemoved,
    ReferralScreened,
    ReferralAccepted,
    ReferralDeclined,
)

PRIVATE: tuple[type[Event], ...] = (TokenHeld,)
