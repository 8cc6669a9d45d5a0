"""A yes that ends without a no is named with what ends it: no quorum hangs on a supporter's."""

from __future__ import annotations

import pytest

from contracts.common import EntryCorrected, ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    Purpose,
    RepresentativeEndCause,
    RepresentativeEnded,
)
from contracts.consent_review import ConsentVaried
from contracts.terms import AgeBand, Method, Participant, ParticipantRole, YesEnded
from kernel.testing.spec import an_id
from services.consent.domain.ledger.commands import (
    EndRepresentative,
    NoteParticipants,
    RecordCapacity,
)
from services.consent.domain.ledger.review_commands import CorrectEntry, VaryConsent
from tests.unit.consent.people import (
    LATER,
    LETTER,
    OFFENDER,
    PARENT,
    SUPPORTER,
    VICTIM,
    agreed,
    ended,
    given,
    lost,
    said_yes,
    someone,
    stands_beside,
    told,
    took_back,
)

VIDEO = Method.VIDEO
WAYS = (VIDEO, LETTER)
FRIEND = someone("friend", ParticipantRole.SUPPORTER, AgeBand.FROM_10_TO_15)
EVERYBODY = (VICTIM, OFFENDER, SUPPORTER, FRIEND, PARENT)
BESIDE = said_yes(FRIEND, *WAYS, name="beside", given_by=PARENT.participant_id)
OWN = said_yes(FRIEND, *WAYS, co_consent_id=BESIDE.consent_id)
CASE = (
    *agreed(VICTIM, OFFENDER),
    ParticipantsNoted(participants=EVERYBODY),
    *(told(one) for one in (SUPPORTER, FRIEND, PARENT)),
    stands_beside(FRIEND, PARENT),
    said_yes(SUPPORTER, *WAYS),
    BESIDE,
    OWN,
)
UNABLE = Capacity.LACKS_CAPACITY


def cannot_decide(who: Participant, *ends: YesEnded) -> CapacityRecorded:
    return CapacityRecorded(participant_id=who.participant_id, result=UNABLE, ends=ends)


def judge(who: Participant, result: Capacity = UNABLE) -> RecordCapacity:
    return RecordCapacity(participant_id=who.participant_id, result=result)


def part_ended(*ends: YesEnded) -> RepresentativeEnded:
    return RepresentativeEnded(
        participant_id=FRIEND.participant_id,
        representative_id=PARENT.participant_id,
        cause=RepresentativeEndCause.NOT_RECORDED,
        ends=ends,
    )


END_OF_PART = EndRepresentative(
    participant_id=FRIEND.participant_id, representative_id=PARENT.participant_id
)


@pytest.mark.rule("CON-25")
def test_the_end_of_a_representatives_part_names_the_child_whose_yes_ends() -> None:
    given(*CASE).when(END_OF_PART).then(part_ended(*ended(FRIEND, *WAYS)))


@pytest.mark.rule("CON-25")
def test_who_cannot_decide_is_named_and_so_is_the_child_beside_whom_they_stand() -> None:
    given(*CASE).when(judge(SUPPORTER)).then(cannot_decide(SUPPORTER, *ended(SUPPORTER, *WAYS)))
    given(*CASE).when(judge(PARENT)).then(cannot_decide(PARENT, *ended(FRIEND, *WAYS)))


@pytest.mark.rule("CON-25")
def test_somebody_on_whom_a_quorum_hangs_is_named_too() -> None:
    given(*CASE).when(judge(VICTIM)).then(
        cannot_decide(VICTIM, *ended(VICTIM, LETTER)), lost(VICTIM, OFFENDER)
    )


@pytest.mark.rule("CON-25")
def test_who_leaves_is_named_and_so_is_the_child_whose_representative_leaves() -> None:
    without_supporter = tuple(one for one in EVERYBODY if one is not SUPPORTER)
    given(*CASE).when(NoteParticipants(participants=without_supporter)).then(
        ParticipantsNoted(participants=without_supporter, ends=ended(SUPPORTER, *WAYS))
    )
    without_parent = EVERYBODY[:-1]
    given(*CASE).when(NoteParticipants(participants=without_parent)).then(
        ParticipantsNoted(participants=without_parent, ends=ended(FRIEND, *WAYS))
    )


@pytest.mark.rule("CON-25")
def test_a_change_names_what_is_no_longer_agreed_to() -> None:
    change = VaryConsent(consent_id=BESIDE.consent_id, info_version=1, methods=(VIDEO,))
    [said] = given(*CASE).when(change).accepted()
    assert isinstance(said, ConsentVaried)
    assert said.ends == ended(FRIEND, LETTER)


@pytest.mark.rule("CON-25")
def test_a_mistake_names_whose_yes_rested_on_it() -> None:
    place = CASE.index(told(SUPPORTER)) + 1
    mistaken = an_id(f"entry {place}")
    given(*CASE).when(CorrectEntry(entry=mistaken)).then(
        EntryCorrected(entry=mistaken, entry_version=place, ends=ended(SUPPORTER, *WAYS))
    )


@pytest.mark.rule("CON-25")
def test_a_yes_past_its_end_that_nobody_has_noted_is_named_too() -> None:
    given(*CASE).at(LATER).when(judge(SUPPORTER)).then(
        cannot_decide(SUPPORTER, *ended(SUPPORTER, *WAYS)), lost(VICTIM, OFFENDER)
    )


@pytest.mark.rule("CON-25")
def test_a_yes_for_which_another_stands_does_not_end() -> None:
    other = someone("other parent", ParticipantRole.REPRESENTATIVE)
    theirs = said_yes(FRIEND, name="theirs", given_by=other.participant_id)
    with_other = (
        *CASE,
        ParticipantsNoted(participants=(*EVERYBODY, other)),
        stands_beside(FRIEND, other),
        theirs,
        said_yes(FRIEND, name="with the other", co_consent_id=theirs.consent_id),
    )
    given(*with_other).when(END_OF_PART).then(part_ended(*ended(FRIEND, VIDEO)))


@pytest.mark.rule("CON-25")
def test_what_ends_no_yes_names_nobody() -> None:
    capable = Capacity.HAS_CAPACITY
    stays = CapacityRecorded(participant_id=SUPPORTER.participant_id, result=capable)
    given(*CASE).when(judge(SUPPORTER, capable)).then(stays)
    given(*CASE, took_back(SUPPORTER)).when(judge(SUPPORTER)).then(cannot_decide(SUPPORTER))
    research = said_yes(SUPPORTER, purposes=(Purpose.RESEARCH,), name="research")
    given(*CASE, took_back(SUPPORTER), research).when(judge(SUPPORTER)).then(
        cannot_decide(SUPPORTER)
    )
