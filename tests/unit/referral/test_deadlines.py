"""What the hub owes in time, and what is said once it is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.common import EntryCorrected
from contracts.envelope import Event, Recorded
from contracts.referral import HarmFlag, ParticipantAdded
from contracts.referral_course import CaseResumed, Deadline, DeadlinePassed
from contracts.terms import Participant
from kernel.process.policy import Send
from kernel.testing.spec import CASE, NOW, an_id, reacting, recorded
from services.referral.domain.referral.course_commands import NoteDeadlinePassed
from services.referral.policies.watch_deadlines import WATCH_DEADLINES, Watched, of_referral
from tests.unit.referral.course import HELD, REVIEW_AT, called, closed, missed, objected
from tests.unit.referral.matters import (
    DECLINED,
    LINKED,
    NEIGHBOUR,
    VICTIM,
    accepted,
    given,
    requested,
    screened,
)

# NOW is a Monday; days end at midnight in London, which in March is that of UTC.
IN_2_DAYS = datetime(2026, 3, 5, tzinfo=UTC)
IN_5_DAYS = datetime(2026, 3, 10, tzinfo=UTC)
GAP = timedelta(days=28)
SCREENING = "screening"
watching = reacting(WATCH_DEADLINES)


def of(deadline: Deadline, who: Participant = VICTIM) -> str:
    return f"{deadline} {who.participant_id}"


FIRST_CONTACT, CONTACT = of(Deadline.FIRST_CONTACT), of(Deadline.CONTACT)


def told(*events: Event, at: datetime = NOW) -> list[Recorded]:
    return [
        recorded(event, version=version, at=at) for version, event in enumerate(events, start=1)
    ]


def armed(*events: Event) -> dict[str, datetime]:
    *before, last = told(*events)
    return watching(*before).when(last).timers()


def passed(deadline: Deadline, due: datetime, who: Participant | None = VICTIM) -> Any:
    fields: dict[str, Any] = {
        "deadline": deadline,
        "due_at": due,
        "participant_id": who.participant_id if who else None,
    }
    return NoteDeadlinePassed(**fields), DeadlinePassed(**fields)


def test_a_request_is_screened_within_two_working_days_and_the_victim_contacted_within_five() -> (
    None
):
    assert armed(requested()) == {SCREENING: IN_2_DAYS, FIRST_CONTACT: IN_5_DAYS}


def test_a_sensitive_matter_is_urgent() -> None:
    timers = armed(requested(harm_flags=(HarmFlag.STALKING,)))
    assert timers[FIRST_CONTACT] == IN_2_DAYS


def test_what_has_happened_is_watched_no_longer() -> None:
    assert armed(requested(), screened()) == {FIRST_CONTACT: IN_5_DAYS}
    assert armed(requested(), screened(), missed()) == {CONTACT: NOW + GAP}
    assert armed(requested(), screened(), called(), called(at=NOW + GAP)) == {
        CONTACT: NOW + 2 * GAP
    }


def test_everybody_harmed_is_contacted() -> None:
    joined = ParticipantAdded(**NEIGHBOUR.model_dump(), needs=())
    assert armed(requested(), screened(), joined) == {
        FIRST_CONTACT: IN_5_DAYS,
        of(Deadline.FIRST_CONTACT, NEIGHBOUR): IN_5_DAYS,
    }


def test_who_objects_is_not_watched() -> None:
    assert armed(requested(), screened(), objected()) == {}


def test_a_mistaken_contact_leaves_the_first_one_due() -> None:
    mistaken = EntryCorrected(entry=an_id("entry 3"), entry_version=3)
    assert armed(requested(), screened(), called(), mistaken) == {FIRST_CONTACT: IN_5_DAYS}


def test_on_hold_the_screening_waits_and_the_victim_does_not() -> None:
    assert armed(requested(), HELD) == {"hold_review": REVIEW_AT, FIRST_CONTACT: IN_5_DAYS}
    later = recorded(CaseResumed(), version=3, at=NOW + timedelta(days=7))
    assert watching(*told(requested(), HELD)).when(later).timers() == {
        SCREENING: IN_2_DAYS + timedelta(days=7),
        FIRST_CONTACT: IN_5_DAYS,
    }


@pytest.mark.parametrize(
    "events",
    [(requested(), closed()), (requested(), screened(), DECLINED), (LINKED,)],
)
def test_nothing_is_watched_in_a_case_that_is_over(events: tuple[Event, ...]) -> None:
    assert armed(*events) == {}


@pytest.mark.parametrize(
    ("events", "timer", "command"),
    [
        ((requested(),), SCREENING, passed(Deadline.SCREENING, IN_2_DAYS, None)[0]),
        ((requested(),), FIRST_CONTACT, passed(Deadline.FIRST_CONTACT, IN_5_DAYS)[0]),
        ((requested(), called()), CONTACT, passed(Deadline.CONTACT, NOW + GAP)[0]),
        ((requested(), HELD), "hold_review", passed(Deadline.HOLD_REVIEW, REVIEW_AT, None)[0]),
    ],
)
def test_what_is_late_is_said_once(
    events: tuple[Event, ...], timer: str, command: NoteDeadlinePassed
) -> None:
    late = watching(*told(*events)).when_due(timer).sends(Send("referral", CASE, command))
    assert timer not in late.timers()
    said = recorded(given(*events).when(command).accepted()[0], version=len(events) + 1)
    then = watching(*told(*events), said).when(recorded(accepted(), version=len(events) + 2))
    assert then.reaction.timers.get(timer) is None


@pytest.mark.rule("REF-36")
@pytest.mark.parametrize(
    ("events", "late"),
    [
        ((requested(), screened()), passed(Deadline.SCREENING, IN_2_DAYS, None)),
        ((requested(), HELD), passed(Deadline.SCREENING, IN_2_DAYS, None)),
        ((requested(), missed()), passed(Deadline.FIRST_CONTACT, IN_5_DAYS)),
        ((requested(), called(at=NOW + GAP)), passed(Deadline.CONTACT, NOW + GAP)),
        ((requested(), objected()), passed(Deadline.CONTACT, NOW + GAP)),
        ((requested(),), passed(Deadline.HOLD_REVIEW, REVIEW_AT, None)),
        ((requested(), closed()), passed(Deadline.FIRST_CONTACT, IN_5_DAYS)),
        ((requested(),), passed(Deadline.FIRST_CONTACT, IN_5_DAYS, NEIGHBOUR)),
    ],
)
def test_what_has_happened_meanwhile_is_not_late(events: tuple[Event, ...], late: Any) -> None:
    given(*events).when(late[0]).refused_by("REF-36")


@pytest.mark.rule("REF-36")
def test_what_is_owed_and_has_not_happened_is_late() -> None:
    command, event = passed(Deadline.FIRST_CONTACT, IN_5_DAYS)
    given(requested()).when(command).then(event)


def test_what_the_version_before_watches_is_watched_on() -> None:
    before = watching().when(*told(requested())).state().model_dump(mode="json")
    referral = {**before["referral"], "asked_at_once": True, "asked_later": [2]}
    upgrade = WATCH_DEADLINES.upgrade
    assert upgrade is not None
    taken_over = Watched.model_validate(upgrade(1, {**before, "referral": referral}))
    assert taken_over.due == {SCREENING: IN_2_DAYS, FIRST_CONTACT: IN_5_DAYS}
    assert not taken_over.referral.victim_request


def test_only_the_referral_is_watched() -> None:
    assert of_referral(f"referral-{CASE}") == CASE
    assert of_referral(f"token-{CASE}") is None
