"""A mistaken entry is named, and no longer counts."""

from __future__ import annotations

import pytest

from contracts.common import EntryCorrected
from contracts.envelope import Event
from contracts.fields import Role
from contracts.referral import (
    InitiatedBy,
    ParticipantAdded,
    ParticipantRemoved,
    VictimRequestRecorded,
)
from kernel.testing.spec import an_id, by
from services.referral.domain.referral.commands import AcceptReferral
from services.referral.domain.referral.course_commands import CorrectEntry
from tests.unit.referral.course import call, called, close, closed, objected, told_of_the_end
from tests.unit.referral.matters import NEIGHBOUR, VICTIM, accepted, given, requested, screened

WISH = requested(initiated_by=InitiatedBy.OFFENDER, victim_request=False)
ASKED = VictimRequestRecorded(participant_id=VICTIM.participant_id)
JOINED = ParticipantAdded(**NEIGHBOUR.model_dump(), needs=())
LEFT = ParticipantRemoved(participant_id=VICTIM.participant_id, role=VICTIM.role)


def correct(version: int) -> CorrectEntry:
    return CorrectEntry(entry=an_id(f"entry {version}"))


def corrected(version: int) -> EntryCorrected:
    return EntryCorrected(entry=an_id(f"entry {version}"), entry_version=version)


def test_a_mistaken_contact_no_longer_counts() -> None:
    given(requested(), called()).when(correct(2)).then(corrected(2))
    given(requested(), called(), corrected(2)).when(call()).then(called())
    given(requested(), told_of_the_end(), corrected(2)).when(close()).refused_by("REF-27")
    assert given(requested(), objected(), corrected(2)).when(call()).accepted()


def test_a_mistaken_request_of_a_victim_no_longer_counts() -> None:
    before = (WISH, ASKED, screened())
    given(*before).when(correct(2)).then(corrected(2))
    given(*before, corrected(2)).when(AcceptReferral()).refused_by("REF-17")


def test_a_contact_is_corrected_in_a_closed_case_too() -> None:
    given(requested(), told_of_the_end(), closed()).when(correct(2)).then(corrected(2))


@pytest.mark.rule("REF-37")
@pytest.mark.parametrize(
    ("before", "version"),
    [
        ((requested(),), 1),
        ((requested(), screened()), 2),
        ((WISH, ASKED, screened(), accepted()), 2),
        ((requested(), closed()), 2),
        ((requested(), called(), corrected(2)), 2),
        ((requested(), called(), corrected(2)), 3),
        ((requested(), called()), 9),
        ((WISH, ASKED, JOINED, LEFT), 2),
    ],
)
def test_what_was_decided_is_no_mistake(before: tuple[Event, ...], version: int) -> None:
    given(*before).when(correct(version)).refused_by("REF-37")


@pytest.mark.rule("REF-38")
def test_a_mistake_is_told_by_who_made_it_or_a_supervisor() -> None:
    case = given(requested(), called())
    another = by(Role.COORDINATOR, actor=an_id("another coordinator"))
    case.by(another).when(correct(2)).refused_by("REF-38")
    case.by(Role.SUPERVISOR).when(correct(2)).then(corrected(2))
