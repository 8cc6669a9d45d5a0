"""People meet, or write, or send word: each from the referral to the end of the case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid5

from rjhub.client import Json
from rjhub.demo.afterwards import afterwards
from rjhub.demo.preparing import agree, prepare, settle
from rjhub.demo.quarter import Course
from rjhub.demo.stories import Case, confirm, fact, withdraw
from rjhub.organisations import HUB, organisation_id

VENUE: Json = {
    "venue_ref": str(uuid5(organisation_id(HUB), "community centre")),
    "type": "community",
    "neutral": True,
    "separate_arrival": True,
    "exit": True,
    "supporters_space": True,
}
IN_PERSON = "face_to_face"
LASTS = timedelta(hours=2)


async def meeting(case: Case) -> None:
    """Two people meet."""
    await agree(case, IN_PERSON, "letter")
    await case.could("ScheduleMeeting", _date(case))
    meets = await _arranged(case)
    await _begun(case, meets)
    await case.work("/meetings/end", meets | {"attendance": case.everybody, "minutes": 85})
    await afterwards(case, "apology", "payment")


async def letter(case: Case) -> None:
    """Whoever did harm writes, and whoever was harmed takes the letter."""
    await agree(case, "letter", "shuttle")
    await prepare(case)
    await case.day(9)
    await settle(case, "letter")
    await _written(case, 9)
    await afterwards(case, "course_or_support")


async def messages(case: Case) -> None:
    """A facilitator carries word to and fro."""
    await agree(case, "shuttle")
    await prepare(case)
    await case.day(9)
    await settle(case, "shuttle")
    await case.day(10)
    await _word(case, case.victim, case.offender)
    await case.day(11)
    await _word(case, case.offender, case.victim)
    await afterwards(case, "behaviour")


async def letter_after_cancelled_meeting(case: Case) -> None:
    """Before they meet somebody would rather not; the meeting is cancelled, and a letter goes."""
    await agree(case, IN_PERSON, "letter")
    await _arranged(case)
    await case.until(case.plan.meets - 1)
    await withdraw(case, case.victim, IN_PERSON)
    await _letter_instead(case)


async def letter_after_stopped_meeting(case: Case) -> None:
    """While they meet somebody would rather not; the meeting is stopped, and a letter goes."""
    await agree(case, IN_PERSON, "letter")
    await _begun(case, await _arranged(case))
    await withdraw(case, case.offender, IN_PERSON)
    await _letter_instead(case)


async def _arranged(case: Case) -> Json:
    """From the agreement to the date of a meeting."""
    await prepare(case)
    await case.day(9)
    await settle(case, IN_PERSON)
    await case.work("/venues", VENUE)
    await case.could("ScheduleMeeting", _date(case))
    said = await case.work("/meetings", _date(case))
    return {"meeting_id": fact(said)["meeting_id"]}


def _date(case: Case) -> Json:
    starts = case.moment(case.plan.meets)
    return {
        "method": IN_PERSON,
        "starts_at": starts.isoformat(),
        "ends_at": (starts + LASTS).isoformat(),
        "venue_ref": VENUE["venue_ref"],
        "attendees": case.everybody,
    }


async def _begun(case: Case, meets: Json) -> None:
    """On the day both are asked again, and then they meet."""
    await case.until(case.plan.meets)
    for who in case.everybody:
        await confirm(case, who)
    await case.work("/meetings/start", meets | {"attendees": case.everybody})


async def _letter_instead(case: Case) -> None:
    """What they still agree to."""
    day = case.plan.meets - case.plan.day + 1
    await case.day(day)
    for who in case.everybody:
        await confirm(case, who)
    await settle(case, "letter")
    await _written(case, day)
    await afterwards(case, "course_or_support")


async def _written(case: Case, day: int) -> None:
    """Drafted on this day after the referral, read on the next, and then delivered."""
    draft = await case.work("/letters", {"sender": case.offender, "recipient": case.victim})
    written = {"letter_id": fact(draft)["letter_id"]}
    await case.day(day + 1)
    await case.work("/letters/review", written | {"result": "accepted"})
    await case.day(day + 2)
    await case.work("/letters/delivery", written)


async def _word(case: Case, sender: str, recipient: str) -> None:
    await case.work("/messages", {"sender": sender, "recipient": recipient})


STORIES: dict[Course, Callable[[Case], Awaitable[None]]] = {
    Course.MEETING: meeting,
    Course.LETTER: letter,
    Course.MESSAGES: messages,
    Course.LETTER_AFTER_CANCELLED_MEETING: letter_after_cancelled_meeting,
    Course.LETTER_AFTER_STOPPED_MEETING: letter_after_stopped_meeting,
}
