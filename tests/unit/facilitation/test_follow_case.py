"""A case is opened by an acceptance, and told of its people and their consent."""

from __future__ import annotations

from contracts.consent import ConsentDeclined, ConsentQuorumLost, ConsentQuorumReached
from contracts.envelope import Recorded
from contracts.referral import Complexity, ParticipantAdded, ParticipantRemoved, ReferralAccepted
from contracts.terms import AgeBand, Method, Participant, ParticipantRole
from kernel.decider import Command
from kernel.process.policy import Send
from kernel.testing.spec import CASE, HUB, reacting, recorded
from services.facilitation.domain.case.commands import (
    NoteConsentLoss,
    NoteConsentQuorum,
    NoteParticipants,
    OpenFacilitation,
)
from services.facilitation.policies.follow_case import FOLLOW_CASE, of_case
from tests.unit.facilitation.test_case import IDS, OPEN, OPENED, PEOPLE, SCHOOL

given = reacting(FOLLOW_CASE)

ACCEPTED = ReferralAccepted(
    setting=OPENED.setting,
    complexity=Complexity.SENSITIVE_AND_COMPLEX,
    min_level=OPENED.min_level,
    participants=PEOPLE,
    reasons=(),
    signposted_to=(),
    specialist_service=True,
    organisation=SCHOOL,
)
JOINED = Participant(
    participant_id=IDS[0], role=ParticipantRole.SUPPORTER, age_band=AgeBand.UNKNOWN
)


def accepted(version: int = 3) -> Recorded:
    return recorded(ACCEPTED, stream="referral", version=version, controller=HUB)


def agreed(version: int) -> Recorded:
    event = ConsentQuorumReached(method=Method.LETTER, participants=IDS)
    return recorded(event, stream="consent", version=version)


def disagreed(version: int) -> Recorded:
    event = ConsentQuorumLost(method=Method.LETTER, participants=IDS)
    return recorded(event, stream="consent", version=version)


def to_case(command: Command, step: str = "") -> Send:
    return Send("facilitation", CASE, command, step)


def note_quorum(version: int) -> NoteConsentQuorum:
    return NoteConsentQuorum(method=Method.LETTER, participants=IDS, consent_version=version)


def note_loss(version: int) -> NoteConsentLoss:
    return NoteConsentLoss(method=Method.LETTER, participants=IDS, consent_version=version)


OPENING = to_case(OpenFacilitation.model_validate(OPEN))


def test_an_acceptance_opens_the_case() -> None:
    given().when(accepted()).sends(OPENING)


def test_quorum_and_loss_are_told_with_their_place_in_the_consent_stream() -> None:
    given(accepted()).when(agreed(7)).sends(to_case(note_quorum(7)))
    given(accepted(), agreed(7)).when(disagreed(9)).sends(to_case(note_loss(9)))


def test_what_comes_before_the_opening_is_held_back_and_never_lost() -> None:
    given().when(agreed(7)).sends()
    given(agreed(7), disagreed(9)).when(accepted()).sends(
        OPENING,
        to_case(note_quorum(7), "consent 7"),
        to_case(note_loss(9), "consent 9"),
    )


def test_what_was_held_back_is_told_once() -> None:
    assert given(agreed(7)).when(accepted()).state().held == ()
    given(agreed(7), accepted()).when(disagreed(9)).sends(to_case(note_loss(9)))


def test_the_case_is_told_who_is_in_it_once_it_is_open() -> None:
    added = ParticipantAdded(**JOINED.model_dump(), needs=())
    removed = ParticipantRemoved(participant_id=IDS[1], role=ParticipantRole.OFFENDER)
    given().when(recorded(added)).sends()
    with_supporter = NoteParticipants(participants=(PEOPLE[1], JOINED))
    given(accepted()).when(recorded(added, version=4)).sends(to_case(with_supporter))
    without = NoteParticipants(participants=(JOINED,))
    given(accepted(), recorded(added, version=4)).when(recorded(removed, version=5)).sends(
        to_case(without)
    )


def test_other_words_of_consent_are_not_told() -> None:
    no = ConsentDeclined(participant_id=IDS[0], methods=tuple(Method))
    given(accepted()).when(recorded(no, stream="consent", version=4)).sends()


def test_referral_and_consent_are_followed_and_not_the_case_itself() -> None:
    assert of_case(f"referral-{CASE}") == of_case(f"consent-{CASE}") == CASE
    assert of_case(f"facilitation-{CASE}") is None
