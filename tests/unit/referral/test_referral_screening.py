"""A trained person looks at each case, and the hub accepts or declines it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.fields import ParticipantId, Role
from contracts.referral import (
    AbuseScreen,
    AcceptanceReason,
    BestInterests,
    Complexity,
    HarmFlag,
    InitiatedBy,
    ParticipantAdded,
    ParticipantRemoved,
    ReasonCode,
    ReferralDeclined,
    ScreeningDecision,
    Signpost,
    VictimRequestRecorded,
)
from contracts.terms import AgeBand, Level, ParticipantRole, Setting
from kernel.testing.spec import by, new_id
from services.referral.domain.referral.commands import (
    AcceptReferral,
    DeclineReferral,
    ReferralCommand,
    ScreenerConflict,
)
from tests.unit.referral.matters import (
    DECLINED,
    NEIGHBOUR,
    OFFENDER,
    OFFICER,
    SUPPORTER,
    VICTIM,
    accepted,
    given,
    requested,
    screen,
    screened,
    screened_complex,
    someone,
)

ACCEPT = AcceptReferral()
HARMED = (VICTIM, NEIGHBOUR)
JOINED = ParticipantAdded(**NEIGHBOUR.model_dump(), needs=())
LEFT = ParticipantRemoved(participant_id=VICTIM.participant_id, role=VICTIM.role)
CHILDREN = (AgeBand.UNDER_10, AgeBand.FROM_10_TO_15, AgeBand.FROM_16_TO_17)
GENDER_BASED = (
    HarmFlag.GENDER_BASED_VIOLENCE,
    HarmFlag.SEXUAL_VIOLENCE,
    HarmFlag.DOMESTIC_ABUSE,
)
COMPLEX: dict[str, Any] = {
    "complexity": Complexity.SENSITIVE_AND_COMPLEX,
    "min_level": Level.ADVANCED,
}


def young(age: AgeBand) -> Any:
    return requested(VICTIM, someone("young offender", ParticipantRole.OFFENDER, age))


def decline(*reasons: ReasonCode) -> DeclineReferral:
    return DeclineReferral(reasons=reasons)


def test_a_screening_is_recorded() -> None:
    given(requested()).when(screen()).then(screened())


def test_a_case_can_be_screened_again() -> None:
    more = screened(decision=ScreeningDecision.MORE_INFORMATION_NEEDED)
    given(requested(), more).when(screen()).then(screened())
    given(requested(), more, screened()).when(ACCEPT).then(accepted())


def test_an_acceptance_says_what_was_accepted() -> None:
    command = AcceptReferral(
        reasons=(AcceptanceReason.VICTIM_ASKED,), signposted_to=(Signpost.VICTIM_SUPPORT,)
    )
    given(requested(), screened()).when(command).then(
        accepted(reasons=(AcceptanceReason.VICTIM_ASKED,), signposted_to=(Signpost.VICTIM_SUPPORT,))
    )


def test_a_case_is_declined_with_a_way_on() -> None:
    command = DeclineReferral(
        reasons=(ReasonCode.NO_CONTACT,), signposted_to=(Signpost.MEDIATION, Signpost.MEDIATION)
    )
    given(requested(), screened()).when(command).then(
        ReferralDeclined(reasons=(ReasonCode.NO_CONTACT,), signposted_to=(Signpost.MEDIATION,))
    )


@pytest.mark.rule("REF-08")
@pytest.mark.parametrize("command", [screen(), ACCEPT, decline(ReasonCode.UNSAFE)])
def test_the_system_decides_nothing(command: ReferralCommand) -> None:
    given(requested(), screened()).by(Role.SYSTEM).when(command).refused_by("REF-08")


@pytest.mark.rule("REF-09")
def test_an_untrained_screener_is_refused() -> None:
    given(requested()).when(screen(screener_trained=False)).refused_by("REF-09")


@pytest.mark.rule("REF-10")
@pytest.mark.parametrize("conflict", sorted(set(ScreenerConflict) - {ScreenerConflict.NONE}))
def test_a_screener_with_a_conflict_is_refused(conflict: ScreenerConflict) -> None:
    given(requested()).when(screen(screener_conflict=conflict)).refused_by("REF-10")


@pytest.mark.rule("REF-10")
def test_nobody_screens_what_they_asked_for() -> None:
    same_person = by(Role.COORDINATOR, actor=OFFICER)
    given(requested()).by(same_person).when(screen()).refused_by("REF-10")


@pytest.mark.rule("REF-11")
def test_a_family_matter_is_not_found_suitable_without_an_abuse_screen() -> None:
    family = requested(setting=Setting.FAMILY)
    given(family).when(screen()).refused_by("REF-11")
    assert given(family).when(screen(abuse_screen=AbuseScreen.CLEAR)).accepted()


@pytest.mark.rule("REF-11")
def test_a_family_matter_can_wait_for_its_abuse_screen() -> None:
    waits = screen(decision=ScreeningDecision.MORE_INFORMATION_NEEDED)
    assert given(requested(setting=Setting.FAMILY)).when(waits).accepted()


@pytest.mark.rule("REF-12")
@pytest.mark.parametrize("age", CHILDREN)
@pytest.mark.parametrize(
    "assessed", sorted(set(BestInterests) - {BestInterests.IN_BEST_INTERESTS}), ids=str
)
def test_a_child_who_offended_takes_part_only_in_their_best_interests(
    age: AgeBand, assessed: BestInterests
) -> None:
    given(young(age)).when(screen(best_interests=assessed)).refused_by("REF-12")
    right = screen(best_interests=BestInterests.IN_BEST_INTERESTS)
    assert given(young(age)).when(right).accepted()


@pytest.mark.rule("REF-12")
def test_an_offender_of_unknown_age_may_be_a_child() -> None:
    unknown = young(AgeBand.UNKNOWN)
    given(unknown).when(screen()).refused_by("REF-12")
    assert given(unknown).when(screen(best_interests=BestInterests.ALL_ADULTS)).accepted()


@pytest.mark.rule("REF-12")
def test_a_child_who_was_harmed_needs_no_such_code() -> None:
    child = someone("child", ParticipantRole.VICTIM, AgeBand.FROM_10_TO_15)
    assert given(requested(child, OFFENDER)).when(screen()).accepted()


@pytest.mark.rule("REF-12")
def test_a_child_who_joins_after_the_screening_has_it_done_again() -> None:
    joins = ParticipantAdded(
        participant_id=ParticipantId(new_id("child")),
        role=ParticipantRole.OFFENDER,
        age_band=AgeBand.FROM_16_TO_17,
        needs=(),
    )
    given(requested(), screened(), joins).when(ACCEPT).refused_by("REF-12")


@pytest.mark.rule("REF-13")
@pytest.mark.parametrize("flag", HarmFlag)
def test_a_sensitive_matter_is_complex_and_led_by_an_advanced_facilitator(flag: HarmFlag) -> None:
    given(requested(harm_flags=(flag,))).when(screen()).refused_by("REF-13")
    given(requested()).when(screen(flags=(flag,))).refused_by("REF-13")
    assert given(requested(harm_flags=(flag,))).when(screen(**COMPLEX)).accepted()


@pytest.mark.rule("REF-13")
def test_a_complex_matter_is_not_led_by_less_than_an_advanced_facilitator() -> None:
    too_low = screen(complexity=Complexity.SENSITIVE_AND_COMPLEX, min_level=Level.INTERMEDIATE)
    given(requested()).when(too_low).refused_by("REF-13")


@pytest.mark.rule("REF-13")
def test_a_screen_that_finds_abuse_makes_a_matter_complex() -> None:
    given(requested()).when(screen(abuse_screen=AbuseScreen.CONCERN)).refused_by("REF-13")


@pytest.mark.rule("REF-14")
@pytest.mark.parametrize("reasons", [(), (ReasonCode.OFFENCE_TYPE,)])
def test_the_type_of_offence_alone_turns_nobody_away(reasons: tuple[ReasonCode, ...]) -> None:
    unsuitable = screen(decision=ScreeningDecision.UNSUITABLE, reasons=reasons)
    given(requested()).when(unsuitable).refused_by("REF-14")
    given(requested(), screened()).when(decline(*reasons)).refused_by("REF-14")


@pytest.mark.rule("REF-14")
def test_the_type_of_offence_may_stand_beside_another_reason() -> None:
    reasons = (ReasonCode.OFFENCE_TYPE, ReasonCode.UNSAFE)
    unsuitable = screen(decision=ScreeningDecision.UNSUITABLE, reasons=reasons)
    assert given(requested()).when(unsuitable).accepted()
    assert given(requested(), screened()).when(decline(*reasons)).accepted()


@pytest.mark.rule("REF-15")
def test_an_unscreened_case_is_neither_accepted_nor_declined() -> None:
    given(requested()).when(ACCEPT).refused_by("REF-15")
    given(requested()).when(decline(ReasonCode.UNSAFE)).refused_by("REF-15")


@pytest.mark.rule("REF-16")
@pytest.mark.parametrize("decision", sorted(set(ScreeningDecision) - {ScreeningDecision.SUITABLE}))
def test_only_a_suitable_case_is_accepted(decision: ScreeningDecision) -> None:
    found = screened(decision=decision, reasons=(ReasonCode.UNSAFE,))
    given(requested(), found).when(ACCEPT).refused_by("REF-16")
    assert given(requested(), found).when(decline(ReasonCode.UNSAFE)).accepted()


@pytest.mark.rule("REF-17")
def test_an_offenders_wish_waits_for_the_victims_request() -> None:
    wish = requested(initiated_by=InitiatedBy.OFFENDER, victim_request=False)
    given(wish, screened()).when(ACCEPT).refused_by("REF-17")
    asked = VictimRequestRecorded(participant_id=VICTIM.participant_id)
    assert given(wish, screened(), asked).when(ACCEPT).accepted()


@pytest.mark.rule("REF-17")
def test_what_somebody_asked_for_goes_with_them() -> None:
    wish = requested(initiated_by=InitiatedBy.OFFENDER, victim_request=False)
    asked, also = (VictimRequestRecorded(participant_id=one.participant_id) for one in HARMED)
    case = (wish, JOINED, screened())
    given(*case, asked, LEFT).when(ACCEPT).refused_by("REF-17")
    assert given(*case, also, LEFT).when(ACCEPT).accepted()
    assert given(*case, asked, also, LEFT).when(ACCEPT).accepted()
    assert given(*case, asked, LEFT, also).when(ACCEPT).accepted()


@pytest.mark.rule("REF-17")
def test_that_a_victim_asked_at_once_is_said_of_those_who_were_named() -> None:
    given(requested(), JOINED, screened(), LEFT).when(ACCEPT).refused_by("REF-17")
    both = requested(*HARMED, OFFENDER)
    assert given(both, screened(), LEFT).when(ACCEPT).accepted()
    unasked = requested(VICTIM, OFFENDER, SUPPORTER)
    given(unasked, JOINED, screened(), LEFT).when(ACCEPT).refused_by("REF-17")


@pytest.mark.rule("REF-18")
@pytest.mark.parametrize("flag", GENDER_BASED)
@pytest.mark.parametrize("initiator", sorted(set(InitiatedBy) - {InitiatedBy.VICTIM}), ids=str)
def test_only_a_victims_own_initiative_opens_a_case_of_gender_based_violence(
    flag: HarmFlag, initiator: InitiatedBy
) -> None:
    engaged = AcceptReferral(specialist_service=True)
    known = requested(initiated_by=initiator, harm_flags=(flag,))
    given(known, screened_complex()).when(engaged).refused_by("REF-18")
    found = requested(initiated_by=initiator)
    given(found, screened_complex(flag)).when(engaged).refused_by("REF-18")
    own = requested(harm_flags=(flag,))
    assert given(own, screened_complex()).when(engaged).accepted()


@pytest.mark.rule("REF-11", "REF-18")
def test_a_family_matter_with_abuse_found_needs_the_victims_own_initiative() -> None:
    family = requested(setting=Setting.FAMILY, initiated_by=InitiatedBy.PROFESSIONAL)
    found = screened_complex(abuse_screen=AbuseScreen.CONCERN)
    given(family, found).when(AcceptReferral(specialist_service=True)).refused_by("REF-18")


@pytest.mark.rule("REF-19")
@pytest.mark.parametrize("flag", GENDER_BASED)
def test_gender_based_violence_needs_a_specialist_service(flag: HarmFlag) -> None:
    given(requested(), screened_complex(flag)).when(ACCEPT).refused_by("REF-19")


@pytest.mark.rule("REF-18", "REF-19")
def test_other_harm_needs_no_specialist_service() -> None:
    hate = requested(initiated_by=InitiatedBy.PROFESSIONAL, harm_flags=(HarmFlag.HATE,))
    assert given(hate, screened_complex()).when(ACCEPT).accepted()


@pytest.mark.rule("REF-20")
@pytest.mark.parametrize("setting", [Setting.POLICE_CAUTION, Setting.COMMUNITY_RESOLUTION])
@pytest.mark.parametrize(
    "found",
    [
        screened_complex(HarmFlag.DOMESTIC_ABUSE),
        screened_complex(abuse_screen=AbuseScreen.CONCERN),
    ],
    ids=["flagged", "screened"],
)
def test_domestic_abuse_as_a_disposal_is_accepted_by_a_supervisor_only(
    setting: Setting, found: Any
) -> None:
    engaged = AcceptReferral(specialist_service=True)
    disposal = given(requested(setting=setting), found)
    disposal.when(engaged).refused_by("REF-20")
    assert disposal.by(Role.SUPERVISOR).when(engaged).accepted()


@pytest.mark.rule("REF-20")
def test_a_disposal_without_domestic_abuse_needs_no_supervisor() -> None:
    caution = requested(setting=Setting.POLICE_CAUTION)
    assert given(caution, screened_complex(HarmFlag.HATE)).when(ACCEPT).accepted()


@pytest.mark.rule("REF-20")
def test_domestic_abuse_after_court_needs_no_supervisor() -> None:
    after_court = given(requested(), screened_complex(HarmFlag.DOMESTIC_ABUSE))
    assert after_court.when(AcceptReferral(specialist_service=True)).accepted()


@pytest.mark.rule("REF-21")
@pytest.mark.parametrize("command", [screen(), ACCEPT, decline(ReasonCode.UNSAFE)])
def test_an_accepted_case_is_not_decided_again(command: ReferralCommand) -> None:
    given(requested(), screened(), accepted()).when(command).refused_by("REF-21")


def test_a_refusal_names_every_rule_that_stands_in_the_way() -> None:
    family = requested(
        setting=Setting.FAMILY, initiated_by=InitiatedBy.OFFENDER, victim_request=False
    )
    given(family, screened_complex(HarmFlag.DOMESTIC_ABUSE)).when(ACCEPT).refused_by(
        "REF-17", "REF-18", "REF-19"
    )


def test_a_declined_case_is_over() -> None:
    given(requested(), screened(), DECLINED).when(ACCEPT).refused_by("REF-04")
