"""A case takes note of whatever it is told."""

from __future__ import annotations

from contracts.common import ParticipantsNoted
from contracts.facilitation import ConsentLossNoted, ConsentQuorumNoted, FacilitationOpened
from contracts.fields import OrganisationId, ParticipantId, Role
from contracts.terms import AgeBand, Level, Method, Participant, ParticipantRole, Setting
from kernel.testing.spec import HUB, an_id, deciding
from services.facilitation.domain.case.commands import (
    NoteConsentLoss,
    NoteConsentQuorum,
    NoteParticipants,
    OpenFacilitation,
)
from services.facilitation.domain.case.decide import CASE

given = deciding(CASE)

SCHOOL = OrganisationId(an_id("school"))
IDS = (ParticipantId(an_id("victim")), ParticipantId(an_id("offender")))
PEOPLE = tuple(
    Participant(participant_id=one, role=role, age_band=AgeBand.OVER_64)
    for one, role in zip(IDS, (ParticipantRole.VICTIM, ParticipantRole.OFFENDER), strict=True)
)
OPEN = {
    "setting": Setting.FAMILY,
    "min_level": Level.ADVANCED,
    "participants": PEOPLE,
    "controller": HUB,
    "organisation": SCHOOL,
}
OPENED = FacilitationOpened.model_validate(OPEN)


def quorum(version: int, method: Method = Method.LETTER) -> ConsentQuorumNoted:
    return ConsentQuorumNoted(method=method, participants=IDS, consent_version=version)


def loss(version: int, method: Method = Method.LETTER) -> ConsentLossNoted:
    return ConsentLossNoted(method=method, participants=IDS, consent_version=version)


def test_a_case_opens_with_what_was_accepted() -> None:
    given().by(Role.SYSTEM).when(OpenFacilitation.model_validate(OPEN)).then(OPENED)
    case = given(OPENED).state()
    assert case.model_dump(include=set(OPEN)) == OPENED.model_dump(include=set(OPEN))
    assert CASE.controller(case) == HUB
    assert CASE.seen_by(case) == {HUB, SCHOOL}
    assert CASE.seen_by(CASE.initial) == set()


def test_only_the_opening_opens() -> None:
    assert CASE.opens == (OpenFacilitation,)


def test_a_case_notes_who_is_in_it() -> None:
    noted = given(OPENED).when(NoteParticipants(participants=PEOPLE[:1]))
    noted.then(ParticipantsNoted(participants=PEOPLE[:1]))
    assert noted.state().participants == PEOPLE[:1]


def test_a_case_notes_a_quorum_per_method() -> None:
    command = NoteConsentQuorum(method=Method.VIDEO, participants=IDS, consent_version=6)
    noted = given(OPENED, quorum(5)).when(command)
    noted.then(quorum(6, Method.VIDEO))
    assert noted.state().quorum == {Method.LETTER: IDS, Method.VIDEO: IDS}


def test_a_case_notes_a_loss_although_there_was_nothing_to_lose() -> None:
    command = NoteConsentLoss(method=Method.LETTER, participants=IDS, consent_version=4)
    given(OPENED).when(command).then(loss(4))


def test_a_loss_ends_the_quorum_of_its_method_only() -> None:
    case = given(OPENED, quorum(5), quorum(6, Method.VIDEO), loss(8)).state()
    assert case.quorum == {Method.VIDEO: IDS}
    assert case.consent_version == 8


def test_what_consent_said_earlier_changes_nothing_when_it_is_noted_later() -> None:
    command = NoteConsentQuorum(method=Method.LETTER, participants=IDS, consent_version=5)
    late = given(OPENED, quorum(3), loss(7)).when(command)
    late.then(quorum(5))
    assert late.state().quorum == {}
    assert given(OPENED, quorum(7), loss(6)).state().quorum == {Method.LETTER: IDS}
