"""An activity is cleared only while all who attend consent, and have said so lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.common import CaseClosureNoted, CaseHoldNoted
from contracts.consent_clearance import ActivityCleared
from contracts.consent_review import ConsentReconfirmed
from contracts.envelope import Event
from contracts.terms import ActivityId, ClearanceId, Method, Participant, ParticipantRole
from kernel.testing.spec import NOW, an_id, new_id
from services.consent.domain.ledger.clearance_commands import ClearActivity
from tests.unit.consent.people import (
    CHILD,
    LATER,
    LETTER,
    OFFENDER,
    PARENT,
    SUPPORTER,
    VICTIM,
    agreed,
    consent_id,
    given,
    lost,
    opened,
    reached,
    said_yes,
    someone,
    stands_beside,
    told,
    took_back,
)

ACTIVITY = ActivityId(an_id("letter"))
WEEK = timedelta(days=7)
BOTH = (VICTIM, OFFENDER)
AGREED = agreed(*BOTH)


def clear(*people: Participant, method: Method = LETTER) -> ClearActivity:
    return ClearActivity(
        activity_id=ACTIVITY,
        method=method,
        attendees=tuple(one.participant_id for one in people or BOTH),
    )


def cleared(*people: Participant, consents: Any = None, at: Any = NOW) -> ActivityCleared:
    who = people or BOTH
    return ActivityCleared(
        clearance_id=ClearanceId(new_id("clearance")),
        activity_id=ACTIVITY,
        method=LETTER,
        attendees=tuple(one.participant_id for one in who),
        consents=consents or tuple(consent_id(str(one.participant_id)) for one in who),
        usable_until=at + timedelta(minutes=2),
    )


def confirmed(who: Participant, at: Any) -> ConsentReconfirmed:
    return ConsentReconfirmed(
        consent_id=consent_id(str(who.participant_id)),
        participant_id=who.participant_id,
        methods=(LETTER,),
        info_version=1,
        valid_until=LATER,
        checked_at=at,
    )


def test_an_activity_is_cleared_with_the_consents_that_it_rests_on() -> None:
    given(*AGREED).when(clear()).then(cleared())


def test_each_attendee_is_named_once() -> None:
    given(*AGREED).when(clear(VICTIM, OFFENDER, VICTIM)).then(cleared())


def test_a_clearance_changes_nothing_that_people_said() -> None:
    before, after = given(*AGREED).state(), given(*AGREED).when(clear()).state()
    assert after.consents == before.consents
    assert after.quorum == before.quorum


@pytest.mark.rule("CON-20")
def test_nothing_is_cleared_after_somebody_took_it_back() -> None:
    events = (*AGREED, took_back(VICTIM), lost(*BOTH))
    given(*events).when(clear()).refused_by("CON-20", "CON-21")
    given(*events).when(clear(OFFENDER)).refused_by("CON-20")


@pytest.mark.rule("CON-20")
def test_nothing_is_cleared_by_another_method() -> None:
    given(*AGREED).when(clear(method=Method.VIDEO)).refused_by("CON-20", "CON-21")


@pytest.mark.rule("CON-20")
def test_a_yes_that_has_ended_clears_nothing_although_nobody_has_noted_its_end() -> None:
    soon = said_yes(VICTIM, valid_until=NOW + timedelta(hours=1))
    events = (opened(), told(VICTIM), told(OFFENDER), soon, said_yes(OFFENDER), reached(*BOTH))
    given(*events).when(clear()).accepted()
    given(*events).at(NOW + timedelta(hours=1)).when(clear()).refused_by("CON-20", "CON-21")


@pytest.mark.rule("CON-21")
def test_a_supporter_who_attends_consents_too() -> None:
    people = (VICTIM, OFFENDER, SUPPORTER)
    events = (opened(*people), *AGREED[1:])
    given(*events).when(clear(*people)).refused_by("CON-21")
    given(*events, said_yes(SUPPORTER)).when(clear(*people)).then(cleared(*people))
    taken_back = (*events, said_yes(SUPPORTER), took_back(SUPPORTER))
    given(*taken_back).when(clear(*people)).refused_by("CON-21")
    given(*taken_back).when(clear()).then(cleared())


@pytest.mark.rule("CON-21")
def test_attendees_are_in_the_case_and_there_is_one_at_least() -> None:
    stranger = someone("stranger", ParticipantRole.SUPPORTER)
    given(*AGREED).when(clear(*BOTH, stranger)).refused_by("CON-21")
    nobody = ClearActivity(activity_id=ACTIVITY, method=LETTER, attendees=())
    given(*AGREED).when(nobody).refused_by("CON-21")


@pytest.mark.rule("CON-21")
@pytest.mark.rule("CON-22")
def test_a_childs_yes_counts_with_the_one_beside_it() -> None:
    beside = said_yes(CHILD, name="beside", given_by=PARENT.participant_id)
    own = said_yes(CHILD, name="own", co_consent_id=beside.consent_id)
    people = (CHILD, OFFENDER)
    events: tuple[Event, ...] = (
        opened(CHILD, OFFENDER, PARENT),
        stands_beside(CHILD, PARENT),
        beside,
        own,
        said_yes(OFFENDER),
        reached(*people),
    )
    offenders = consent_id(str(OFFENDER.participant_id))
    given(*events).when(clear(*people)).then(
        cleared(*people, consents=(own.consent_id, beside.consent_id, offenders))
    )
    alone = said_yes(CHILD, name="own")
    given(*events[:3], alone, *events[4:]).when(clear(*people)).refused_by("CON-20", "CON-21")
    long_ago = beside.model_copy(update={"checked_at": NOW - 8 * timedelta(days=1)})
    given(*events[:2], long_ago, *events[3:]).when(clear(*people)).refused_by("CON-22")


@pytest.mark.rule("CON-19")
@pytest.mark.rule("CON-20")
@pytest.mark.rule("CON-21")
def test_a_child_is_not_cleared_after_the_representative_took_it_back() -> None:
    beside = said_yes(CHILD, name="beside", given_by=PARENT.participant_id)
    events = (
        opened(CHILD, OFFENDER, PARENT),
        stands_beside(CHILD, PARENT),
        beside,
        said_yes(CHILD, name="own", co_consent_id=beside.consent_id),
        said_yes(OFFENDER),
        reached(CHILD, OFFENDER),
        took_back(PARENT),
        lost(CHILD, OFFENDER),
    )
    given(*events).when(clear(CHILD, OFFENDER)).refused_by("CON-20", "CON-21")


@pytest.mark.rule("CON-22")
def test_a_yes_is_asked_about_again_after_seven_days() -> None:
    given(*AGREED).at(NOW + WEEK).when(clear()).then(cleared(at=NOW + WEEK))
    late = NOW + WEEK + timedelta(seconds=1)
    given(*AGREED).at(late).when(clear()).refused_by("CON-22")
    one = given(*AGREED, confirmed(VICTIM, late))
    one.at(late).when(clear()).refused_by("CON-22")
    both = given(*AGREED, confirmed(VICTIM, late), confirmed(OFFENDER, late))
    both.at(late).when(clear()).accepted()


@pytest.mark.rule("CON-22")
def test_the_latest_yes_counts() -> None:
    late = NOW + 2 * WEEK
    again = said_yes(VICTIM, name="again", checked_at=late)
    events = (*AGREED, again, confirmed(OFFENDER, late))
    given(*events).at(late).when(clear()).then(
        cleared(
            consents=(again.consent_id, consent_id(str(OFFENDER.participant_id))),
            at=late,
        )
    )


@pytest.mark.rule("CON-23")
def test_nothing_is_cleared_in_a_case_that_is_closed_or_on_hold() -> None:
    held = CaseHoldNoted(on_hold=True, referral_version=5)
    goes_on = CaseHoldNoted(on_hold=False, referral_version=6)
    closed = CaseClosureNoted(referral_version=7)
    given(*AGREED, held).when(clear()).refused_by("CON-23")
    given(*AGREED, held, goes_on).when(clear()).accepted()
    given(*AGREED, closed).when(clear()).refused_by("CON-23")


def test_each_clearance_is_one_of_its_own() -> None:
    given(*AGREED, cleared()).when(clear()).then(cleared())
