"""The hub gets in touch with people, and leaves alone who asks for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.referral_course import ContactChannel, ContactOutcome, NextStep
from kernel.testing.spec import NOW
from tests.unit.referral.course import call, called, closed, missed, objected
from tests.unit.referral.matters import OFFENDER, SUPPORTER, VICTIM, given, requested

DAY = timedelta(days=1)


def test_an_attempt_is_counted_per_person() -> None:
    given(requested(), missed(VICTIM)).when(call(VICTIM)).then(called(VICTIM, attempt_no=2))
    given(requested(), missed(VICTIM)).when(call(OFFENDER)).then(called(OFFENDER, attempt_no=1))


def test_an_attempt_that_failed_is_recorded_with_what_comes_next() -> None:
    command = call(outcome=ContactOutcome.NO_ANSWER, next_step=NextStep.CONTACT_AGAIN)
    given(requested()).when(command).then(missed())


def test_a_contact_took_place_when_it_is_said_to_and_never_after_now() -> None:
    given(requested()).when(call(happened_at=NOW - DAY)).then(called(at=NOW - DAY))
    given(requested()).when(call(happened_at=NOW + DAY)).then(called(at=NOW))


@pytest.mark.rule("REF-06")
def test_only_somebody_in_the_case_is_contacted() -> None:
    given(requested()).when(call(SUPPORTER)).refused_by("REF-06")


@pytest.mark.rule("REF-04")
def test_nobody_is_contacted_once_the_case_is_closed() -> None:
    given(requested(), closed()).when(call()).refused_by("REF-04")


@pytest.mark.rule("REF-23")
def test_who_objects_to_contact_is_left_alone() -> None:
    given(requested(), objected()).when(call()).refused_by("REF-23")
    assert given(requested(), objected(VICTIM)).when(call(OFFENDER)).accepted()


@pytest.mark.rule("REF-23")
def test_who_objected_may_come_back_of_their_own_accord() -> None:
    back = call(channel=ContactChannel.THEY_CAME_TO_US)
    decided = given(requested(), objected(at=NOW - DAY)).when(back)
    [came] = decided.accepted()
    assert given(requested(), objected(at=NOW - DAY), came).when(call()).accepted()
