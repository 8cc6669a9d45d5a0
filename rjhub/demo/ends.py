"""The many ways in which a case ends before everybody has said yes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from contracts.referral_course import CloseCode
from rjhub.demo.quarter import Course
from rjhub.demo.stories import (
    SUITABLE,
    Case,
    accept,
    close,
    contact,
    refer,
    say_no,
    say_yes,
    withdraw,
)


async def declined_by_the_victim(case: Case) -> None:
    """The victim hears what it is about and says no."""
    await accept(case)
    await case.day(5)
    await say_no(case, case.victim)
    await case.day(6)
    await close(case)


async def declined_by_the_offender(case: Case) -> None:
    """The victim says yes, the offender no."""
    await accept(case)
    await case.day(4)
    await say_yes(case, case.victim, "letter", "face_to_face")
    await case.day(9)
    await say_no(case, case.offender)
    await case.day(11)
    await close(case)


async def withdrawn_by_the_victim(case: Case) -> None:
    """The victim says yes and, before the offender is asked, takes it back."""
    await accept(case)
    await case.day(4)
    await say_yes(case, case.victim, "letter")
    await case.day(8)
    await withdraw(case, case.victim)
    await case.day(9)
    await close(case)


async def withdrawn_by_the_offender(case: Case) -> None:
    """The offender says yes first and takes it back."""
    await accept(case)
    await case.day(4)
    await say_yes(case, case.offender, "letter", "shuttle")
    await case.day(10)
    await withdraw(case, case.offender)
    await case.day(12)
    await close(case)


async def never_reached(case: Case) -> None:
    """Three attempts in vain over ten working days, bank holidays among them or not."""
    for after in (1, 8, 22):
        await case.day(after)
        await contact(case, case.victim, "contact_again", outcome="no_answer")
    await case.day(23)
    await case.tell("referral", "/closure", {"outcome": case.plan.end}, role="supervisor")


async def declined_at_screening(case: Case) -> None:
    """Whoever screens finds that it is nothing for the hub."""
    reasons = {"reasons": [case.plan.end]}
    await refer(case)
    await case.day(2)
    await case.tell("referral", "/screening", SUITABLE | {"decision": "unsuitable"} | reasons)
    await case.day(3)
    signposted = {"signposted_to": ["victim_support"]}
    await case.tell("referral", "/decline", reasons | signposted, role="coordinator")


async def ended_by_the_hub(case: Case) -> None:
    """Taken on, and then ended for a reason that has nothing to do with anybody's no."""
    await accept(case)
    await case.day(7)
    await close(case, reason="administrative")


async def responsibility_denied(case: Case) -> None:
    """The victim says yes; whoever is said to have done it takes no responsibility."""
    await accept(case)
    await case.day(4)
    await say_yes(case, case.victim, "letter")
    await case.day(6)
    await contact(case, case.offender, "case_closes")
    await case.day(7)
    await close(case)


async def found_to_be_a_duplicate(case: Case) -> None:
    """The matter has a case already, and goes on there."""
    await case.day(2)
    await close(case, duplicate_of=next(one for one in case.referred if one != case.id))


ENDS: dict[CloseCode, Callable[[Case], Awaitable[None]]] = {
    CloseCode.VICTIM_DECLINED: declined_by_the_victim,
    CloseCode.OFFENDER_DECLINED: declined_by_the_offender,
    CloseCode.VICTIM_WITHDREW: withdrawn_by_the_victim,
    CloseCode.OFFENDER_WITHDREW: withdrawn_by_the_offender,
    CloseCode.NO_CONTACT: never_reached,
    CloseCode.INELIGIBLE: ended_by_the_hub,
    CloseCode.NO_RESPONSIBILITY: responsibility_denied,
    CloseCode.DUPLICATE: found_to_be_a_duplicate,
    CloseCode.UNSAFE: ended_by_the_hub,
    CloseCode.TRANSFERRED: ended_by_the_hub,
    CloseCode.OTHER: ended_by_the_hub,
}


async def end_before_quorum(case: Case) -> None:
    """From the referral to its end."""
    await refer(case)
    await ENDS[case.plan.end](case)


STORIES: dict[Course, Callable[[Case], Awaitable[None]]] = {
    Course.DECLINED_AT_SCREENING: declined_at_screening,
    Course.ENDS_BEFORE_QUORUM: end_before_quorum,
}
