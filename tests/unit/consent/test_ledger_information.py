"""Opening the ledger, informing people, and who can decide for themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.common import ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    InformationFormat,
    InformationItem,
    Language,
    RepresentativeBasis,
    RepresentativeEndCause,
    RepresentativeEnded,
    RepresentativeKind,
)
from contracts.terms import Participant, ParticipantRole, Setting, YesEnded
from kernel.testing.spec import HUB, NOW, deciding
from services.consent.domain.ledger.commands import (
    AppointRepresentative,
    EndRepresentative,
    NoteParticipants,
    NoteTeam,
    OpenConsentLedger,
    ProvideConsentInformation,
    RecordCapacity,
)
from services.consent.domain.ledger.decide import LEDGER, ledger_with
from services.consent.domain.ledger.practice import Edition, Practice
from tests.unit.consent.people import (
    CHILD,
    EVERY_ITEM,
    LEAD,
    LETTER,
    OFFENDER,
    PARENT,
    SCHOOL,
    SUPPORTER,
    VICTIM,
    agreed,
    between,
    ended,
    given,
    lost,
    opened,
    reached,
    said_yes,
    say_yes,
    someone,
    stands_beside,
    team,
    told,
)


def tell(who: Participant, *items: InformationItem, version: int = 1) -> ProvideConsentInformation:
    return ProvideConsentInformation(
        participant_id=who.participant_id,
        info_version=version,
        items=items,
        format=InformationFormat.IN_PERSON,
        language=Language.ENGLISH,
    )


def appoint(who: Participant, representative: Participant) -> AppointRepresentative:
    return AppointRepresentative(
        participant_id=who.participant_id,
        representative_id=representative.participant_id,
        kind=RepresentativeKind.PARENT_OR_CARER,
        basis=RepresentativeBasis.PARENTAL_RESPONSIBILITY,
    )


def end(who: Participant, representative: Participant) -> EndRepresentative:
    return EndRepresentative(
        participant_id=who.participant_id, representative_id=representative.participant_id
    )


def judge(who: Participant, result: Capacity) -> RecordCapacity:
    return RecordCapacity(participant_id=who.participant_id, result=result)


def judged(who: Participant, result: Capacity, *ends: YesEnded) -> CapacityRecorded:
    return CapacityRecorded(participant_id=who.participant_id, result=result, ends=ends)


def test_a_ledger_opens_with_the_case_as_it_was_accepted() -> None:
    command = OpenConsentLedger(
        setting=Setting.POST_COURT,
        participants=(VICTIM, OFFENDER),
        controller=HUB,
        organisation=SCHOOL,
    )
    given().when(command).then(opened())


def test_a_case_is_seen_by_its_controller_and_by_who_asked_for_it() -> None:
    ledger = given(opened()).state()
    assert LEDGER.controller(ledger) == HUB
    assert LEDGER.seen_by(ledger) == {HUB, SCHOOL}
    assert LEDGER.seen_by(given().state()) == set()


def test_a_case_is_seen_by_whose_facilitators_work_on_it_and_no_longer() -> None:
    ledger = given(opened(), team(LEAD, version=4))
    assert LEDGER.seen_by(ledger.state()) == {HUB, SCHOOL, LEAD.organisation}
    assert LEDGER.controller(ledger.state()) == HUB
    off = ledger.when(NoteTeam(team=(), facilitation_version=6))
    off.then(team(version=6))
    assert LEDGER.seen_by(off.state()) == {HUB, SCHOOL}


def test_a_note_of_a_team_that_was_held_up_opens_the_case_to_nobody() -> None:
    late = given(opened(), team(version=6)).when(NoteTeam(team=(LEAD,), facilitation_version=4))
    late.then(team(LEAD, version=4))
    assert LEDGER.seen_by(late.state()) == {HUB, SCHOOL}


def test_somebody_who_joins_is_noted() -> None:
    noted = (VICTIM, OFFENDER, SUPPORTER)
    given(opened()).when(NoteParticipants(participants=noted)).then(
        ParticipantsNoted(participants=noted)
    )


@pytest.mark.rule("CON-17")
def test_another_victim_who_joins_has_to_agree_too() -> None:
    joined = (VICTIM, OFFENDER, someone("second victim", ParticipantRole.VICTIM))
    given(*agreed(VICTIM, OFFENDER)).when(NoteParticipants(participants=joined)).then(
        ParticipantsNoted(participants=joined), lost(VICTIM, OFFENDER)
    )


@pytest.mark.rule("CON-17")
def test_a_quorum_is_said_again_when_those_who_have_to_agree_are_others() -> None:
    second = someone("second victim", ParticipantRole.VICTIM)
    left = (VICTIM, OFFENDER)
    given(*agreed(VICTIM, OFFENDER, second)).when(NoteParticipants(participants=left)).then(
        ParticipantsNoted(participants=left, ends=ended(second, LETTER)),
        reached(VICTIM, OFFENDER),
    )


def test_who_left_and_comes_back_is_asked_again() -> None:
    events = (
        *agreed(VICTIM, OFFENDER),
        ParticipantsNoted(participants=(VICTIM,)),
        lost(VICTIM, OFFENDER),
    )
    back = NoteParticipants(participants=(VICTIM, OFFENDER))
    given(*events).when(back).then(ParticipantsNoted(participants=(VICTIM, OFFENDER)))


def test_whoever_is_told_everything_is_informed() -> None:
    given(opened()).when(tell(VICTIM, *EVERY_ITEM)).then(told(VICTIM))


@pytest.mark.rule("CON-01")
def test_information_for_somebody_outside_the_case_is_refused() -> None:
    given(opened()).when(tell(SUPPORTER, *EVERY_ITEM)).refused_by("CON-01")


@pytest.mark.rule("CON-02")
@pytest.mark.parametrize("item", EVERY_ITEM)
def test_every_item_of_information_is_mandatory(item: InformationItem) -> None:
    others = (one for one in EVERY_ITEM if one is not item)
    refused = given(opened()).when(tell(VICTIM, *others)).refused_by("CON-02")
    assert refused.unmet[0].needs == f"also explain: {item.value}"


@pytest.mark.rule("CON-03")
def test_information_of_an_edition_that_never_came_out_is_refused() -> None:
    given(opened()).when(tell(VICTIM, *EVERY_ITEM, version=2)).refused_by("CON-03")


@pytest.mark.rule("CON-03")
def test_an_edition_counts_from_the_day_it_came_out() -> None:
    tomorrow = NOW + timedelta(days=1)
    editions = (*Practice().editions, Edition(version=2, since=tomorrow))
    case = deciding(ledger_with(Practice(editions=editions)))(opened())
    case.when(tell(VICTIM, *EVERY_ITEM, version=2)).refused_by("CON-03")
    case.at(tomorrow).when(tell(VICTIM, *EVERY_ITEM, version=2)).then(told(VICTIM, 2))
    case.at(tomorrow).when(tell(VICTIM, *EVERY_ITEM, version=1)).then(told(VICTIM, 1))


@pytest.mark.rule("CON-01")
def test_the_capacity_of_somebody_outside_the_case_is_not_recorded() -> None:
    given(opened()).when(judge(SUPPORTER, Capacity.HAS_CAPACITY)).refused_by("CON-01")


@pytest.mark.rule("CON-09")
def test_what_somebody_agreed_to_ends_when_they_can_decide_no_longer() -> None:
    given(*agreed(VICTIM, OFFENDER)).when(judge(VICTIM, Capacity.LACKS_CAPACITY)).then(
        judged(VICTIM, Capacity.LACKS_CAPACITY, *ended(VICTIM, LETTER)), lost(VICTIM, OFFENDER)
    )


@pytest.mark.rule("CON-09")
def test_who_can_decide_again_is_asked_again() -> None:
    events = (
        *agreed(VICTIM, OFFENDER),
        judged(VICTIM, Capacity.LACKS_CAPACITY),
        lost(VICTIM, OFFENDER),
    )
    supported = Capacity.HAS_CAPACITY_WITH_SUPPORT
    given(*events).when(judge(VICTIM, supported)).then(judged(VICTIM, supported))
    given(*events, judged(VICTIM, supported)).when(say_yes(VICTIM)).accepted()


@pytest.mark.rule("CON-09")
def test_nobody_consents_for_an_adult_who_cannot_decide() -> None:
    events = (
        opened(VICTIM, OFFENDER, PARENT),
        told(VICTIM),
        told(PARENT),
        stands_beside(VICTIM, PARENT),
        judged(VICTIM, Capacity.LACKS_CAPACITY),
    )
    given(*events).when(say_yes(VICTIM)).refused_by("CON-09")
    for_them = say_yes(VICTIM, given_by=PARENT.participant_id)
    given(*events).when(for_them).refused_by("CON-07", "CON-09")


def test_a_parent_stands_beside_a_child() -> None:
    given(opened(CHILD, OFFENDER, PARENT)).when(appoint(CHILD, PARENT)).then(
        stands_beside(CHILD, PARENT)
    )


@pytest.mark.rule("CON-01")
def test_nobody_represents_somebody_outside_the_case() -> None:
    given(opened(VICTIM, OFFENDER, PARENT)).when(appoint(CHILD, PARENT)).refused_by("CON-01")


@pytest.mark.rule("CON-13")
@pytest.mark.parametrize("who", [OFFENDER, SUPPORTER, VICTIM, someone("?", ParticipantRole.PARTY)])
def test_only_somebody_in_the_case_as_a_representative_represents(who: Participant) -> None:
    people = (CHILD, OFFENDER, SUPPORTER, VICTIM)
    given(opened(*people)).when(appoint(CHILD, who)).refused_by("CON-13")


@pytest.mark.rule("CON-13")
def test_a_representative_stands_on_one_side_only() -> None:
    events = (opened(CHILD, OFFENDER, PARENT), stands_beside(CHILD, PARENT))
    given(*events).when(appoint(OFFENDER, PARENT)).refused_by("CON-13")


@pytest.mark.rule("CON-13")
def test_a_parent_may_stand_beside_two_children_of_one_side() -> None:
    sibling = someone("sibling", ParticipantRole.VICTIM, CHILD.age_band)
    events = (opened(CHILD, sibling, OFFENDER, PARENT), stands_beside(CHILD, PARENT))
    given(*events).when(appoint(sibling, PARENT)).then(stands_beside(sibling, PARENT))


@pytest.mark.rule("CON-14")
def test_only_who_was_appointed_stops_representing() -> None:
    given(opened(CHILD, OFFENDER, PARENT)).when(end(CHILD, PARENT)).refused_by("CON-14")


@pytest.mark.rule("CON-06")
def test_a_childs_consent_ends_with_the_representatives_part() -> None:
    beside = said_yes(CHILD, name="beside", given_by=PARENT.participant_id)
    events = (
        opened(CHILD, OFFENDER, PARENT),
        stands_beside(CHILD, PARENT),
        said_yes(OFFENDER),
        beside,
        said_yes(CHILD, co_consent_id=beside.consent_id),
        reached(CHILD, OFFENDER),
    )
    part_ended = RepresentativeEnded(
        participant_id=CHILD.participant_id,
        representative_id=PARENT.participant_id,
        cause=RepresentativeEndCause.NOT_RECORDED,
        ends=ended(CHILD, LETTER),
    )
    given(*events).when(end(CHILD, PARENT)).then(part_ended, lost(CHILD, OFFENDER))
    given(*events, part_ended, lost(CHILD, OFFENDER)).when(appoint(CHILD, PARENT)).then(
        stands_beside(CHILD, PARENT)
    )


@pytest.mark.rule("CON-13")
def test_each_side_may_have_its_own_representative() -> None:
    advocate = someone("advocate", ParticipantRole.REPRESENTATIVE)
    events = (opened(CHILD, OFFENDER, PARENT, advocate), stands_beside(CHILD, PARENT))
    given(*events).when(appoint(OFFENDER, advocate)).then(stands_beside(OFFENDER, advocate))


def test_a_representative_who_left_and_comes_back_is_appointed_again() -> None:
    here = (CHILD, OFFENDER, PARENT)
    events = (
        opened(*here),
        stands_beside(CHILD, PARENT),
        ParticipantsNoted(participants=here[:2]),
        ParticipantsNoted(participants=here),
    )
    given(*events).when(end(CHILD, PARENT)).refused_by("CON-14")


@pytest.mark.rule("CON-09")
def test_a_childs_consent_ends_when_the_representative_can_decide_no_longer() -> None:
    beside = said_yes(CHILD, name="beside", given_by=PARENT.participant_id)
    events = (
        opened(CHILD, OFFENDER, PARENT),
        told(PARENT),
        stands_beside(CHILD, PARENT),
        said_yes(OFFENDER),
        beside,
        said_yes(CHILD, co_consent_id=beside.consent_id),
        reached(CHILD, OFFENDER),
    )
    unable = judged(PARENT, Capacity.LACKS_CAPACITY, *ended(CHILD, LETTER))
    given(*events).when(judge(PARENT, Capacity.LACKS_CAPACITY)).then(unable, lost(CHILD, OFFENDER))
    parents = say_yes(CHILD, given_by=PARENT.participant_id)
    given(*events, unable).when(parents).refused_by("CON-09")


def test_a_ledger_says_between_whom_there_is_a_quorum() -> None:
    ledger = given(*agreed(VICTIM, OFFENDER)).state()
    assert ledger.quorum == {LETTER: between(VICTIM, OFFENDER)}
