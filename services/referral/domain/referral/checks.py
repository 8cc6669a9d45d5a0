"""Each rule as a question: None where it is met, otherwise what would satisfy it."""

from __future__ import annotations

from contracts.fields import ParticipantId, Role
from contracts.referral import (
    AbuseScreen,
    BestInterests,
    Complexity,
    HarmFlag,
    InitiatedBy,
    ReasonCode,
    ScreeningDecision,
)
from contracts.terms import AgeBand, Level, Participant, ParticipantRole, Setting
from kernel.decider import Context, Unmet
from services.referral.domain.referral import course_rules, rules
from services.referral.domain.referral.commands import (
    RequestReferral,
    ScreenerConflict,
    ScreenReferral,
)
from services.referral.domain.referral.state import (
    CLOSED,
    HARMED,
    Referral,
    Standing,
    harmed,
    without,
)

GENDER_BASED = frozenset(
    {HarmFlag.GENDER_BASED_VIOLENCE, HarmFlag.SEXUAL_VIOLENCE, HarmFlag.DOMESTIC_ABUSE}
)
DISPOSALS = frozenset({Setting.POLICE_CAUTION, Setting.COMMUNITY_RESOLUTION})
CHILD = frozenset({AgeBand.UNDER_10, AgeBand.FROM_10_TO_15, AgeBand.FROM_16_TO_17})


def somebody_harmed(participants: tuple[Participant, ...]) -> Unmet | None:
    if harmed(participants):
        return None
    return rules.SOMEBODY_HARMED.unmet("name a participant with the role victim or party")


def requested_once(state: Referral) -> Unmet | None:
    if state.standing is Standing.UNKNOWN:
        return None
    return rules.REQUESTED_ONCE.unmet("request a new referral that names this one in `supersedes`")


def takes_up_closed(command: RequestReferral) -> Unmet | None:
    if command.supersedes is None or command.takes_up_closed:
        return None
    return course_rules.TAKES_UP_CLOSED.unmet(
        "name a case in `supersedes` that was declined or closed, and that you may see"
    )


def goes_on(state: Referral) -> Unmet | None:
    if state.hold is None:
        return None
    return course_rules.HELD_STANDS_STILL.unmet("resume the case first")


def still_open(state: Referral) -> Unmet | None:
    if state.standing not in CLOSED:
        return None
    return rules.CLOSED_STAYS_CLOSED.unmet(
        "request a new referral that names this one in `supersedes`"
    )


def undecided(state: Referral) -> Unmet | None:
    if state.standing is not Standing.ACCEPTED:
        return None
    return rules.DECIDED_ONCE.unmet("nothing: the case was accepted and goes on")


def somebody_harmed_stays(state: Referral, leaving: ParticipantId) -> Unmet | None:
    if harmed(without(state, leaving)):
        return None
    return rules.LAST_VICTIM_STAYS.unmet("add another victim or party first, or close the case")


def in_the_case(state: Referral, participant_id: ParticipantId) -> Unmet | None:
    if state.who(participant_id):
        return None
    return rules.IN_THE_CASE.unmet("name somebody who is in the case now")


def a_victim_asks(state: Referral, participant_id: ParticipantId) -> Unmet | None:
    who = state.who(participant_id)
    if who is None or who.role in HARMED:
        return None
    return rules.VICTIM_ASKS.unmet("name the victim or party who asked")


def a_person_decides(context: Context) -> Unmet | None:
    if context.actor.role is not Role.SYSTEM:
        return None
    return rules.A_PERSON_DECIDES.unmet("a coordinator of the hub")


def screener_trained(command: ScreenReferral) -> Unmet | None:
    if command.screener_trained:
        return None
    return rules.SCREENER_TRAINED.unmet("have a trained coordinator screen the case")


def screener_impartial(command: ScreenReferral, state: Referral, context: Context) -> Unmet | None:
    requested = context.actor.id == state.requested_by
    if command.screener_conflict is ScreenerConflict.NONE and not requested:
        return None
    return rules.SCREENER_IMPARTIAL.unmet(
        "have another coordinator screen the case, who has no tie to it and did not request it"
    )


def abuse_screened(command: ScreenReferral, state: Referral) -> Unmet | None:
    done = command.abuse_screen is not AbuseScreen.NOT_DONE
    if done or state.setting is not Setting.FAMILY or not _suitable(command.decision):
        return None
    return rules.ABUSE_SCREEN.unmet("screen for abuse and coercive control and say the result")


def in_best_interests(
    participants: tuple[Participant, ...], assessed: BestInterests
) -> Unmet | None:
    ages = {one.age_band for one in participants if one.role is ParticipantRole.OFFENDER}
    adults = not ages & CHILD and (
        AgeBand.UNKNOWN not in ages or assessed is BestInterests.ALL_ADULTS
    )
    if adults or assessed is BestInterests.IN_BEST_INTERESTS:
        return None
    return rules.BEST_INTERESTS.unmet(
        "screen again with best_interests: in_best_interests, or all_adults where no offender is "
        "under 18"
    )


def screened_in_best_interests(command: ScreenReferral, state: Referral) -> Unmet | None:
    if not _suitable(command.decision):
        return None
    return in_best_interests(state.participants, command.best_interests)


def still_in_best_interests(state: Referral) -> Unmet | None:
    if state.screening is None:
        return None
    return in_best_interests(state.participants, state.screening.best_interests)


def complex_is_advanced(command: ScreenReferral, state: Referral) -> Unmet | None:
    is_complex = command.complexity is Complexity.SENSITIVE_AND_COMPLEX
    sensitive = bool({*state.requested_flags, *command.flags}) or _concern(command.abuse_screen)
    if is_complex and command.min_level is Level.ADVANCED:
        return None
    if not is_complex and not sensitive:
        return None
    return rules.ADVANCED_LEADS_COMPLEX.unmet(
        "screen with complexity: sensitive_and_complex and min_level: advanced"
    )


def reasoned(reasons: tuple[ReasonCode, ...]) -> Unmet | None:
    if set(reasons) - {ReasonCode.OFFENCE_TYPE}:
        return None
    return rules.NEVER_OFFENCE_ALONE.unmet("give a reason other than offence_type")


def screening_reasoned(command: ScreenReferral) -> Unmet | None:
    unsuitable = command.decision is ScreeningDecision.UNSUITABLE
    return reasoned(command.reasons) if unsuitable else None


def screened(state: Referral) -> Unmet | None:
    return None if state.screening else rules.SCREENED_FIRST.unmet("screen the case first")


def found_suitable(state: Referral) -> Unmet | None:
    if state.screening is None or _suitable(state.screening.decision):
        return None
    return rules.FOUND_SUITABLE.unmet("screen the case again and find it suitable")


def victim_asked(state: Referral) -> Unmet | None:
    if state.victim_request:
        return None
    return rules.VICTIM_REQUEST.unmet("record the request of a victim or party once it is made")


def victim_initiated(state: Referral) -> Unmet | None:
    if not gender_based(state) or state.initiated_by is InitiatedBy.VICTIM:
        return None
    return rules.VICTIM_INITIATED.unmet("a referral that the victim initiates")


def specialist_engaged(state: Referral, *, engaged: bool) -> Unmet | None:
    if engaged or not gender_based(state):
        return None
    return rules.SPECIALIST_SERVICE.unmet("engage a specialist service, then say so")


def supervisor_approves(state: Referral, context: Context) -> Unmet | None:
    barred = state.setting in DISPOSALS and _domestic_abuse(state)
    if not barred or context.actor.role is Role.SUPERVISOR:
        return None
    return rules.SUPERVISOR_APPROVES.unmet("have a case supervisor accept the case")


def gender_based(state: Referral) -> bool:
    """Whether the matter is known to be, or was screened as, gender-based violence."""
    return bool(flags(state) & GENDER_BASED) or _abuse_found(state)


def flags(state: Referral) -> frozenset[HarmFlag]:
    """The harm flags of the request and of the screening together."""
    found = state.screening.flags if state.screening else ()
    return frozenset({*state.requested_flags, *found})


def _domestic_abuse(state: Referral) -> bool:
    return HarmFlag.DOMESTIC_ABUSE in flags(state) or _abuse_found(state)


def _abuse_found(state: Referral) -> bool:
    return state.screening is not None and _concern(state.screening.abuse_screen)


def _concern(screen: AbuseScreen) -> bool:
    return screen is AbuseScreen.CONCERN


def _suitable(decision: ScreeningDecision) -> bool:
    return decision is ScreeningDecision.SUITABLE
