"""One place per incident: held before the case is requested, free again once the case is over.

A hold needs no timer: whoever comes next finds it lapsed, if its case was never requested.
"""

from __future__ import annotations

from datetime import timedelta

from contracts.envelope import Topic
from contracts.fields import OrganisationId
from contracts.referral import TokenHeld
from kernel.decider import Context, Decider, Decision, Refused
from services.referral.domain.referral.rules import ONE_CASE_PER_INCIDENT
from services.referral.domain.token.commands import HoldToken, Vacancy
from services.referral.domain.token.state import Token, evolve

HOLD = timedelta(minutes=5)


def decide(command: HoldToken, state: Token, context: Context) -> Decision:
    """Hold it, or hold it on, or refuse while another case has it."""
    mine = state.case_id in (None, command.case_id)
    if mine or _vacant(command, state, context):
        return [TokenHeld(case_id=command.case_id, until=context.now + HOLD)]
    return Refused((ONE_CASE_PER_INCIDENT.unmet("wait until the other request is through"),))


def _vacant(command: HoldToken, state: Token, context: Context) -> bool:
    if command.instead_of != state.case_id or state.until is None:
        return False
    lapsed = command.vacancy is Vacancy.NEVER_REQUESTED and context.now >= state.until
    return lapsed or command.vacancy is Vacancy.CLOSED


def _the_hub(state: Token) -> OrganisationId | None:
    return None


def _nobody(state: Token) -> frozenset[OrganisationId]:
    return frozenset()


TOKEN = Decider(
    category="token",
    initial=Token(),
    evolve=evolve,
    decide=decide,
    opens=(HoldToken,),
    controller=_the_hub,
    seen_by=_nobody,
    topic=Topic.PRIVATE,
)
