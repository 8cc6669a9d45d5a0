"""A referral comes in, and who is in it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from contracts.envelope import Event
from contracts.fields import CaseId, ParticipantId, Role
from contracts.referral import (
    HarmFlag,
    InitiatedBy,
    Need,
    ParticipantAdded,
    ParticipantRemoved,
    ReferralDuplicateLinked,
    SourceType,
    VictimRequestRecorded,
)
from contracts.terms import AgeBand, Participant, ParticipantRole, Setting
from kernel.testing.spec import an_id, by, new_id
from services.referral.domain.referral.commands import (
    AcceptReferral,
    AddParticipant,
    DeclineReferral,
    RecordVictimRequest,
    ReferralCommand,
    RemoveParticipant,
)
from services.referral.domain.referral.course_commands import NoteTeam
from services.referral.domain.referral.decide import REFERRAL
from tests.unit.referral.course import LEAD, team
from tests.unit.referral.matters import (
    DECLINED,
    LINKED,
    NEIGHBOUR,
    OFFENDER,
    OFFICER,
    POLICE,
    SUPPORTER,
    VICTIM,
    given,
    new,
    request,
    requested,
    screen,
    screened,
    someone,
)

VICTIM_ROLE, OFFENDER_ROLE = ParticipantRole.VICTIM, ParticipantRole.OFFENDER
NOBODY = ParticipantId(an_id("nobody"))


def named(place: int, role: ParticipantRole) -> Participant:
    return Participant(
        participant_id=ParticipantId(new_id(f"participant {place}")),
        role=role,
        age_band=AgeBand.FROM_26_TO_64,
    )


def test_a_referral_is_recorded_with_ids_that_the_service_gives() -> None:
    officer = by(Role.OFFICER, POLICE, OFFICER)
    people = (named(0, VICTIM_ROLE), named(1, OFFENDER_ROLE))
    given().by(officer).when(request(new(VICTIM_ROLE), new(OFFENDER_ROLE))).then(requested(*people))


def test_a_code_that_is_said_twice_is_recorded_once() -> None:
    hate = (HarmFlag.HATE, HarmFlag.HATE)
    [event] = given().when(request(new(VICTIM_ROLE), harm_flags=hate)).accepted()
    assert event.model_dump()["harm_flags"] == (HarmFlag.HATE,)


def test_a_referral_that_takes_up_a_closed_case_names_it() -> None:
    old = CaseId(an_id("old case"))
    again = request(new(VICTIM_ROLE), supersedes=old, takes_up_closed=True)
    [event] = given().when(again).accepted()
    assert event.model_dump()["supersedes"] == old


@pytest.mark.rule("REF-22")
def test_only_a_case_that_is_over_is_taken_up_again() -> None:
    again = request(new(VICTIM_ROLE), supersedes=CaseId(an_id("open case")))
    given().when(again).refused_by("REF-22")


@pytest.mark.rule("REF-01")
@pytest.mark.parametrize("role", [OFFENDER_ROLE, ParticipantRole.SUPPORTER])
def test_a_referral_without_anybody_harmed_is_refused(role: ParticipantRole) -> None:
    given().when(request(new(role))).refused_by("REF-01")


@pytest.mark.rule("REF-01")
def test_a_referral_without_anybody_is_refused() -> None:
    given().when(request()).refused_by("REF-01")


@pytest.mark.rule("REF-01")
def test_a_dispute_between_parties_needs_no_victim() -> None:
    party = new(ParticipantRole.PARTY)
    assert given().when(request(party, party, setting=Setting.ASB_NEIGHBOUR)).accepted()


@pytest.mark.rule("REF-02")
def test_a_second_request_for_an_incident_is_linked_to_its_open_case() -> None:
    other = CaseId(an_id("other case"))
    officer = by(Role.OFFICER, POLICE, OFFICER)
    given().by(officer).when(request(new(VICTIM_ROLE), duplicate_of=other)).then(
        ReferralDuplicateLinked(
            duplicate_of=other,
            setting=Setting.POST_COURT,
            source_type=SourceType.OFFICER_IN_CHARGE,
            organisation=POLICE,
        )
    )


@pytest.mark.rule("REF-03")
@pytest.mark.parametrize("before", [(requested(),), (LINKED,), (requested(), screened(), DECLINED)])
def test_a_case_is_requested_once(before: tuple[Event, ...]) -> None:
    given(*before).when(request(new(VICTIM_ROLE))).refused_by("REF-03")


@pytest.mark.rule("REF-04")
@pytest.mark.parametrize("before", [(requested(), screened(), DECLINED), (LINKED,)])
@pytest.mark.parametrize(
    "command",
    [
        AddParticipant(role=VICTIM_ROLE, age_band=AgeBand.UNKNOWN),
        RemoveParticipant(participant_id=SUPPORTER.participant_id),
        RecordVictimRequest(participant_id=VICTIM.participant_id),
        screen(),
        AcceptReferral(),
        DeclineReferral(reasons=()),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_changes_in_a_closed_case(
    before: tuple[Event, ...], command: ReferralCommand
) -> None:
    refused = given(*before).when(command).refused()
    assert refused.unmet[0].rule == "REF-04"


def test_a_person_is_added_with_what_they_need() -> None:
    needs = (Need.INTERPRETER, Need.SEPARATE_ARRIVAL)
    given(requested()).when(
        AddParticipant(role=VICTIM_ROLE, age_band=AgeBand.OVER_64, needs=needs)
    ).then(
        ParticipantAdded(
            participant_id=ParticipantId(new_id("participant")),
            role=VICTIM_ROLE,
            age_band=AgeBand.OVER_64,
            needs=needs,
        )
    )


def test_a_person_is_taken_out() -> None:
    gone = ParticipantRemoved(participant_id=OFFENDER.participant_id, role=OFFENDER_ROLE)
    command = RemoveParticipant(participant_id=OFFENDER.participant_id)
    given(requested()).when(command).then(gone)
    given(requested(), gone).when(command).refused_by("REF-06")


@pytest.mark.rule("REF-05")
@pytest.mark.parametrize("last", [VICTIM, NEIGHBOUR])
def test_the_last_person_harmed_stays(last: Participant) -> None:
    leave = RemoveParticipant(participant_id=last.participant_id)
    given(requested(last, OFFENDER)).when(leave).refused_by("REF-05")


@pytest.mark.rule("REF-05")
def test_one_of_two_victims_can_leave() -> None:
    second = someone("second victim", VICTIM_ROLE)
    leave = RemoveParticipant(participant_id=VICTIM.participant_id)
    assert given(requested(VICTIM, second)).when(leave).accepted()


@pytest.mark.rule("REF-05")
def test_a_victim_who_was_added_counts() -> None:
    second = ParticipantAdded(
        participant_id=NOBODY, role=VICTIM_ROLE, age_band=AgeBand.UNKNOWN, needs=()
    )
    leave = RemoveParticipant(participant_id=VICTIM.participant_id)
    assert given(requested(), second).when(leave).accepted()


@pytest.mark.rule("REF-06")
@pytest.mark.parametrize(
    "command",
    [RemoveParticipant(participant_id=NOBODY), RecordVictimRequest(participant_id=NOBODY)],
)
def test_nothing_is_said_of_somebody_who_is_not_in_the_case(command: ReferralCommand) -> None:
    given(requested()).when(command).refused_by("REF-06")


@pytest.mark.rule("REF-07")
@pytest.mark.parametrize("other", [OFFENDER, SUPPORTER])
def test_nobody_asks_in_place_of_the_victim(other: Participant) -> None:
    ask = RecordVictimRequest(participant_id=other.participant_id)
    given(requested(VICTIM, other)).when(ask).refused_by("REF-07")


@pytest.mark.rule("REF-07")
@pytest.mark.parametrize("harmed", [VICTIM, NEIGHBOUR])
def test_a_victim_or_party_may_ask_later(harmed: Participant) -> None:
    offender_wishes = requested(
        harmed, OFFENDER, initiated_by=InitiatedBy.OFFENDER, victim_request=False
    )
    ask = RecordVictimRequest(participant_id=harmed.participant_id)
    given(offender_wishes).when(ask).then(
        VictimRequestRecorded(participant_id=harmed.participant_id)
    )


def test_a_case_is_seen_by_who_asked_for_it() -> None:
    for state in (given(requested()).state(), given(LINKED).state()):
        assert REFERRAL.controller(state) == POLICE
        assert REFERRAL.seen_by(state) == {POLICE}


def test_a_case_is_seen_by_whose_facilitators_work_on_it_and_no_longer() -> None:
    worked_on = given(requested(), team(LEAD, version=4)).by(Role.SYSTEM)
    assert REFERRAL.seen_by(worked_on.state()) == {POLICE, LEAD.organisation}
    assert REFERRAL.controller(worked_on.state()) == POLICE
    off = worked_on.when(NoteTeam(team=(), facilitation_version=6))
    off.then(team(version=6))
    assert REFERRAL.seen_by(off.state()) == {POLICE}


def test_a_note_of_a_team_that_was_held_up_opens_the_case_to_nobody() -> None:
    told = given(requested(), team(version=6)).by(Role.SYSTEM)
    late = told.when(NoteTeam(team=(LEAD,), facilitation_version=4))
    late.then(team(LEAD, version=4))
    assert REFERRAL.seen_by(late.state()) == {POLICE}


def test_an_unknown_setting_is_no_command() -> None:
    with pytest.raises(ValidationError, match="setting"):
        request(new(VICTIM_ROLE), setting="court_martial")
