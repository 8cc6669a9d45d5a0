"""Whether a case is ready for an activity: one small check per rule, for meetings and letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.facilitation.preparation import (
    MethodAgreed,
    PreparationMeetingHeld,
    Readiness,
    Responsibility,
    ResponsibilityRecorded,
    RiskAssessed,
)
from contracts.fields import ParticipantId
from contracts.referral import Complexity
from contracts.terms import DIRECT, Level, Method, ParticipantRole
from kernel.decider import Unmet
from services.facilitation.domain.case import gate
from services.facilitation.domain.case.arrangement import rules
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.preparation.decide import RESPONSIBLE
from services.facilitation.domain.case.state import Case


def for_activity(
    case: Case, at: At, method: Method, attendees: tuple[ParticipantId, ...]
) -> Iterator[Unmet | None]:
    """Everything that an activity needs, whether it is arranged or about to begin."""
    yield gate.goes_on(case)
    yield gate.in_the_case(case, *attendees)
    yield consented(case, method)
    yield method_agreed(case, method)
    yield responsibility_taken(case)
    yield nothing_bars(case, method)
    yield risk_assessed(case, at)
    yield _risk_for_the_stage(case, at, method)
    yield None if case.lead else rules.LED.unmet("the assignment of a lead")
    yield _two_facilitators(case, at, attendees)
    yield prepared(case, at, attendees)


def consented(case: Case, method: Method) -> Unmet | None:
    if method in case.quorum:
        return None
    return rules.CONSENTED.unmet(
        f"the consent of everybody to {method.value}, or another method that all consent to"
    )


def responsibility_taken(case: Case) -> Unmet | None:
    wanted = {one.participant_id for one in case.participants if one.role in RESPONSIBLE}
    if wanted <= _responsible(case):
        return None
    return rules.RESPONSIBILITY_TAKEN.unmet("a record that they do, of each")


def _responsible(case: Case) -> set[ParticipantId]:
    said = {one.participant_id: one for _, one in case.entered(ResponsibilityRecorded)}
    return {who for who, one in said.items() if one.responsibility is not Responsibility.NONE}


def nothing_bars(case: Case, method: Method) -> Unmet | None:
    bars = _assessment(case)[1].bars if _assessed(case) else ()
    if method not in DIRECT or not bars:
        return None
    named = ", ".join(one.value for one in bars)
    return rules.NOTHING_BARS_MEETING.unmet(f"an indirect method, or an end of: {named}")


def risk_assessed(case: Case, at: At) -> Unmet | None:
    if _assessed(case):
        version, assessment = _assessment(case)
        if version > case.escalated_at and at.now < assessment.valid_until:
            return None
    return rules.RISK_ASSESSED.unmet("a new assessment of the risk")


def _assessed(case: Case) -> bool:
    return any(case.entered(RiskAssessed))


def _assessment(case: Case) -> tuple[int, RiskAssessed]:
    *_, last = case.entered(RiskAssessed)
    return last


def method_agreed(case: Case, method: Method) -> Unmet | None:
    if agreed_at(case, method):
        return None
    return rules.METHOD_AGREED.unmet(f"that {method.value} is agreed as the method")


def agreed_at(case: Case, method: Method) -> int:
    """The version at which a method was agreed, if it still is; else 0."""
    lost = case.lost_at.get(method, 0)
    found = (v for v, one in case.entered(MethodAgreed) if one.method is method and v > lost)
    return max(found, default=0)


def _risk_for_the_stage(case: Case, at: At, method: Method) -> Unmet | None:
    agreed = agreed_at(case, method)
    if risk_assessed(case, at) or not agreed or _assessment(case)[0] > agreed:
        return None
    return rules.RISK_FOR_THE_STAGE.unmet("a new assessment of the risk, for the activity")


def prepared(case: Case, at: At, attendees: Iterable[ParticipantId]) -> Unmet | None:
    times = _times(case, at)
    missing = [one for one in attendees if not _prepared(case, one, times)]
    if not missing:
        return None
    roles = ", ".join(sorted(_role(case, one).value for one in missing))
    often = "two meetings each" if times > 1 else "a meeting each"
    return rules.EVERYBODY_PREPARED.unmet(f"{often}, the last with readiness `ready`: {roles}")


def _times(case: Case, at: At) -> int:
    return at.practice.preparations_if_complex if is_complex(case) else at.practice.preparations


def _prepared(case: Case, participant_id: ParticipantId, times: int) -> bool:
    held = [
        one
        for _, one in case.entered(PreparationMeetingHeld)
        if one.participant_id == participant_id
    ]
    return len(held) >= times and held[-1].readiness is Readiness.READY


def _role(case: Case, participant_id: ParticipantId) -> ParticipantRole:
    who = case.participant(participant_id)
    return who.role if who else ParticipantRole.SUPPORTER


def is_complex(case: Case) -> bool:
    """Whether the case was screened as sensitive and complex."""
    return bool(case.opened and case.opened.complexity is Complexity.SENSITIVE_AND_COMPLEX)


def needs_two(case: Case, at: At, attendees: tuple[ParticipantId, ...]) -> bool:
    """Whether one facilitator is not enough."""
    return is_complex(case) or len(attendees) > at.practice.most_with_one_facilitator


def _two_facilitators(case: Case, at: At, attendees: tuple[ParticipantId, ...]) -> Unmet | None:
    least = Level.INTERMEDIATE if is_complex(case) else Level.FOUNDATION
    co_facilitated = any(one.co_works(least) for one in case.team)
    if co_facilitated or not needs_two(case, at, attendees):
        return None
    return rules.TWO_FACILITATORS.unmet(
        f"the assignment of a co-facilitator of {least.value} level or above"
    )


def nobody_left_out(
    case: Case, method: Method, attendees: tuple[ParticipantId, ...]
) -> Unmet | None:
    if set(case.quorum.get(method, ())) <= set(attendees):
        return None
    return rules.NOBODY_LEFT_OUT.unmet("attendees: every victim, offender and party of the case")
