"""What people might ask of facilitation about a case, as JSON: from preparing it to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random

from contracts.fields import Role
from contracts.terms import Method
from kernel.testing.spec import an_id
from tests.sim.case import Case, Json, Step, Story
from tests.sim.front import actor

Build = Callable[[Random, Case], Json]

LEAD = str(actor(Role.FACILITATOR).id)
HALL = str(an_id("hall"))
WAYS = [Method.FACE_TO_FACE.value, Method.LETTER.value, Method.SHUTTLE.value]
CONSULTED = ["prison_or_probation_consulted", "victim_liaison_consulted"]
VENUE: Json = {
    "venue_ref": HALL,
    "type": "community",
    "neutral": True,
    "separate_arrival": True,
    "exit": True,
    "supporters_space": True,
}
LOW_RISK: Json = {"level": "low", "assessed_by": LEAD}


def _date(random: Random, case: Case) -> Json:
    starts = case.now() + timedelta(days=3, hours=random.randrange(24 * 14))
    ends = starts + timedelta(hours=2)
    return {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}


def _meeting(random: Random, case: Case) -> Json:
    named = {"method": WAYS[0], "venue_ref": HALL, "attendees": case.sides()}
    return _date(random, case) | named


def _the_meeting(random: Random, case: Case, **more: object) -> Json:
    return {"meeting_id": case.one_of(random, case.meetings), **more}


def _start(random: Random, case: Case) -> Json:
    people = case.sides()
    there = people if random.random() < 0.95 else people[:1]
    return _the_meeting(random, case, attendees=there)


def _between(random: Random, case: Case) -> Json:
    sender, recipient = random.sample([one["participant_id"] for one in case.people], 2)
    return {"sender": sender, "recipient": recipient}


def _the_letter(random: Random, case: Case, **more: object) -> Json:
    return {"letter_id": case.one_of(random, case.letters), **more}


def _prepared(who: str) -> Json:
    return {"participant_id": who, "mode": "in_person", "readiness": "ready"}


def _agreed(method: str) -> Json:
    return {"method": method, "confirmations": CONSULTED}


def _responsible(who: str) -> Json:
    return {"participant_id": who, "responsibility": "partial"}


def _concern(random: Random, _: Case) -> Json:
    severity = random.choice(["low", "medium", "high"])
    return {"severity": severity, "kind": "risk_of_harm"}


BEGINNINGS: Mapping[str, Build] = {
    "StartMeeting": _start,
    "DeliverLetter": _the_letter,
    "RelayMessage": _between,
}

AROUND: Mapping[str, tuple[int, Build]] = {
    "ScheduleMeeting": (4, _meeting),
    "RescheduleMeeting": (2, lambda r, c: _the_meeting(r, c) | _date(r, c)),
    "CancelMeeting": (1, lambda r, c: _the_meeting(r, c, reason="venue_unavailable")),
    "StopMeeting": (3, lambda r, c: _the_meeting(r, c, reason="distress")),
    "RecordMeetingHeld": (2, lambda r, c: _the_meeting(r, c, attendance=c.sides(), minutes=90)),
    "RecordMeetingNotHeld": (1, lambda r, c: _the_meeting(r, c, reason="participant_absent")),
    "DraftLetter": (2, _between),
    "ReviewLetter": (2, lambda r, c: _the_letter(r, c, result="accepted")),
    "RefuseLetter": (1, lambda r, c: _the_letter(r, c, reason="not_now")),
    "AgreeMethod": (3, lambda r, _: _agreed(r.choice(WAYS))),
    "AssessRisk": (3, lambda *_: LOW_RISK),
    "EscalateRisk": (1, lambda *_: {"reason": "threat"}),
    "RecordPreparation": (1, lambda r, c: _prepared(c.who(r))),
    "RecordResponsibility": (1, lambda r, c: _responsible(c.who(r))),
    "RaiseSafetyConcern": (1, _concern),
    "RecordNoAgreement": (1, lambda *_: {}),
    "AssignFacilitator": (1, lambda *_: {"facilitator_id": LEAD}),
    "UnassignFacilitator": (1, lambda *_: {"facilitator_id": LEAD}),
}


def beginning(random: Random, case: Case) -> Step:
    """A meeting, a letter that is handed over, or a message."""
    name = random.choice([*BEGINNINGS])
    return "facilitation", name, BEGINNINGS[name](random, case)


def arranged(random: Random, case: Case) -> Story:
    """Everything that an activity needs once people consent, up to the date and the letter."""
    for way in WAYS:
        yield "facilitation", "AgreeMethod", _agreed(way)
    yield "facilitation", "AssessRisk", LOW_RISK
    yield "facilitation", "ScheduleMeeting", _meeting(random, case)
    sender, recipient = reversed(case.sides()[:2])
    letter = {"sender": sender, "recipient": recipient}
    yield "facilitation", "DraftLetter", letter
    yield "facilitation", "ReviewLetter", _the_letter(random, case, result="accepted")


def prepared(random: Random, case: Case) -> Story:
    """What comes before that, with a facilitator who is there."""
    yield "facilitation", "AssignFacilitator", {"facilitator_id": LEAD}
    for who in case.sides():
        yield "facilitation", "RecordPreparation", _prepared(who)
    yield "facilitation", "RecordResponsibility", _responsible(case.sides()[-1])
    yield "facilitation", "AssessRisk", LOW_RISK
    yield "facilitation", "ApproveVenue", VENUE
    yield from arranged(random, case)
