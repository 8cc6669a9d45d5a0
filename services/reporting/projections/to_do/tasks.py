"""What a document says is to be done: each task with its rule, and by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts.facilitation.aftercare import FollowUpWave
from kernel.decider import Rule
from kernel.project.port import Body
from services.reporting.projections.case_status.consent import Said
from services.reporting.projections.case_status.lifecycle import Status, victim_asked
from services.reporting.projections.to_do import deadlines
from services.reporting.projections.to_do.deadlines import PRACTICE
from services.reporting.projections.to_do.work import INITIAL

ACCEPTED = Status.ACCEPTED.value


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do by a moment; without one, it stands in the way. `of` tells two apart."""

    rule: Rule
    due_at: datetime | None
    who: str | None = None
    of: str = ""


def tasks(body: Body) -> Iterator[Task]:
    """All that an open case asks for, however far off it is."""
    yield from _of_the_referral(body)
    yield from _contacts(body)
    yield from _consents(body)
    yield from _of_facilitation(body)


def _of_the_referral(body: Body) -> Iterator[Task]:
    referral, hold = body["referral"], body["referral"].get("hold")
    decided = "decided" in referral
    if hold:
        yield Task(deadlines.HOLD_REVIEW, _at(hold["review_at"]))
    elif not decided and "screened_at" not in referral:
        since, days = _at(referral["requested_at"]), PRACTICE.screening_days
        yield Task(deadlines.SCREENING, PRACTICE.calendar.end_of_working_days(since, days))
    if hold and not decided:
        yield Task(deadlines.HELD, None)
    if not decided and not victim_asked(referral):
        yield Task(deadlines.VICTIM_ASKS, None)
    if referral.get("decided") == ACCEPTED and not body.get("consent", {}).get("agreed"):
        yield Task(deadlines.BOTH_AGREE, None)


def _contacts(body: Body) -> Iterator[Task]:
    contacts = body["contacts"]
    urgent = contacts.get("sensitive", False)
    days = PRACTICE.urgent_contact_days if urgent else PRACTICE.first_contact_days
    for who, joined in contacts.get("joined", {}).items():
        tried = sorted((one for one in contacts["attempts"] if one["who"] == who), key=_time)
        if not tried:
            due = PRACTICE.calendar.end_of_working_days(_at(joined), days)
            yield Task(deadlines.FIRST_CONTACT, due, who)
        elif not tried[-1]["objected"]:
            yield Task(deadlines.CONTACT_GAP, _at(tried[-1]["at"]) + PRACTICE.contact_gap, who)


def _consents(body: Body) -> Iterator[Task]:
    """Once per person: the first of their answers that ends."""
    for who, methods in body.get("consent", {}).get("answers", {}).items():
        answers = [one for givers in methods.values() for one in givers.values()]
        ends = [one["until"] for one in answers if one["said"] == Said.YES]
        if ends:
            yield Task(deadlines.CONSENT_ENDS, _at(min(ends)), who)


def _of_facilitation(body: Body) -> Iterator[Task]:
    work = body.get("work") or INITIAL
    if body["referral"].get("decided") == ACCEPTED and not work["team"]:
        yield Task(deadlines.TEAM, _at(body["referral"]["decided_at"]))
    if work["risks"]:
        yield Task(deadlines.RISK_ENDS, _at(work["risks"][max(work["risks"], key=int)]))
    for one, at in work["meetings"].items():
        yield Task(deadlines.MEETING, _at(at), of=one)
    for one, at in work["concerns"].items():
        yield Task(deadlines.CONCERN, _at(at), of=one)
    for one, at in work["items"].items():
        if one not in work["seen_to"].values():
            yield Task(deadlines.AGREEMENT_ITEM, _at(at), of=one)
    yield from _follow_ups(work)


def _follow_ups(work: Body) -> Iterator[Task]:
    asked = list(work["asked"].values())
    for wave in FollowUpWave:
        for who, since in work["took_part"].items():
            if [wave.value, who] not in asked:
                yield Task(deadlines.FOLLOW_UP, _at(since) + PRACTICE.wave(wave), who, wave.value)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time(attempt: Body) -> str:
    return str(attempt["at"])
