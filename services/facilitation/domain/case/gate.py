"""What any work on a case is checked against: it is open, goes on, and has those who do it."""

from __future__ import annotations

from contracts.facilitation.ids import FacilitatorId
from contracts.fields import ParticipantId, Role
from kernel.decider import Rule, Unmet
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case

ACCEPTED = Rule(
    "FAC-01",
    "Work on a case begins when its referral is accepted.",
    "Hub lifecycle",
)
NOT_CLOSED = Rule(
    "FAC-02",
    "In a case that is closed nothing new begins.",
    "Hub lifecycle",
)
NOT_ON_HOLD = Rule(
    "FAC-03",
    "While a case is on hold nothing new begins.",
    "Hub lifecycle",
)
ASSIGNED = Rule(
    "FAC-04",
    "What is done in a case is done by a facilitator who is assigned to it.",
    "Hub service statement: trained staff support; Restorative Justice Council",
)
IN_THE_CASE = Rule(
    "FAC-05",
    "What is recorded of a participant is of somebody in the case.",
    "Hub glossary: a referral is one incident or dispute with its participants",
)

RULES = (ACCEPTED, NOT_CLOSED, NOT_ON_HOLD, ASSIGNED, IN_THE_CASE)


def accepted(case: Case) -> Unmet | None:
    return None if case.opened else ACCEPTED.unmet("the acceptance of the referral")


def goes_on(case: Case) -> Unmet | None:
    """Accepted, not closed, not on hold: the first that is not so."""
    if case.opened is None:
        return accepted(case)
    if case.closed:
        return NOT_CLOSED.unmet("a new referral that names this case in `supersedes`")
    return NOT_ON_HOLD.unmet("that the case is resumed") if case.on_hold else None


def assigned(case: Case, at: At) -> Unmet | None:
    """By somebody of the team."""
    if case.assignment(FacilitatorId(at.actor.id)):
        return None
    return ASSIGNED.unmet("a facilitator who is assigned to the case, or their assignment")


def assigned_or(case: Case, at: At, *roles: Role) -> Unmet | None:
    """By somebody of the team, or in one of these roles."""
    return None if at.actor.role in roles else assigned(case, at)


def in_the_case(case: Case, *participants: ParticipantId) -> Unmet | None:
    if all(map(case.participant, participants)):
        return None
    return IN_THE_CASE.unmet("the id of somebody who is in the case now")
