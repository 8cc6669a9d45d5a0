"""From a referral until everybody is ready: consent, a lead, preparation of each, risk, method."""

from __future__ import annotations

from contracts.fields import Role
from contracts.terms import Setting
from rjhub.demo.stories import Case, accept, refer, say_yes
from rjhub.organisations import HUB, actor_id

AIMS = {
    "victim": ["questions_answered", "impact_expressed"],
    "offender": ["responsibility_accepted", "impact_understood"],
}
CONFIRMED = {
    Setting.CRIMINAL_INVESTIGATION: ["officer_sees_no_prejudice"],
    Setting.POST_COURT: ["prison_or_probation_consulted", "victim_liaison_consulted"],
    Setting.SCHOOL_COLLEGE: ["safeguarding_lead_engaged", "parents_engaged"],
}
"""What a setting asks to be confirmed before people come together."""


async def agree(case: Case, *methods: str) -> None:
    """From the referral until everybody agrees to these methods."""
    await refer(case)
    await accept(case)
    await case.day(5)
    await say_yes(case, case.victim, *methods)
    await case.day(6)
    await say_yes(case, case.offender, *methods)


async def prepare(case: Case) -> None:
    """A facilitator comes to the case and sees each of them alone."""
    await case.day(7)
    lead = str(actor_id(HUB, Role.FACILITATOR, case.plan.lead + 1))
    body = {"facilitator_id": lead, "part": "lead"}
    await case.tell("facilitation", "/facilitators", body, role="provider_manager")
    await _see(case, case.victim, "victim")
    await case.day(8)
    await _see(case, case.offender, "offender")
    takes = {"participant_id": case.offender, "responsibility": "full"}
    await case.work("/responsibility", takes)


async def _see(case: Case, who: str, role: str) -> None:
    seen = {"participant_id": who, "mode": "in_person", "aims": AIMS[role], "readiness": "ready"}
    await case.work("/preparation", seen)


async def settle(case: Case, method: str) -> None:
    """The risk is assessed, the method is settled, and for that the risk is looked at again."""
    await assess(case)
    await _settle(case, method)
    await assess(case)


async def assess(case: Case) -> None:
    """The risk is assessed for what comes next."""
    await case.work("/risk", {"level": "low", "mitigations": ["breaks_agreed"]})


async def _settle(case: Case, method: str) -> None:
    """In a community resolution it takes a supervisor."""
    resolution = case.plan.setting is Setting.COMMUNITY_RESOLUTION
    body = {"method": method, "confirmations": CONFIRMED.get(case.plan.setting, [])}
    role = "supervisor" if resolution else case.lead
    await case.tell("facilitation", "/method", body, role=role)
