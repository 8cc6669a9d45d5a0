"""Everybody is prepared alone, the risk is known for each stage, and method and place are right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.envelope import Event
from contracts.facilitation.ids import VenueRef
from contracts.facilitation.preparation import (
    Aim,
    ApproverLevel,
    Confirmation,
    DirectBar,
    EscalationReason,
    MethodAgreed,
    Mitigation,
    PreparationMeetingHeld,
    PreparationMode,
    Readiness,
    Responsibility,
    ResponsibilityRecorded,
    RiskAssessed,
    RiskEscalated,
    RiskLevel,
    VenueType,
)
from contracts.fields import Role
from contracts.referral import Stage
from contracts.terms import Method, Participant, Setting
from kernel.testing.spec import NOW, an_id, by
from services.facilitation.domain.case.arrangement.commands import AgreeMethod, ApproveVenue
from services.facilitation.domain.case.preparation.commands import (
    RecordPreparation,
    RecordResponsibility,
)
from services.facilitation.domain.case.risk.commands import AssessRisk, EscalateRisk
from services.facilitation.domain.case.risk.decide import current
from tests.unit.facilitation.casework import (
    DAY,
    FACE_TO_FACE,
    LEAD,
    LETTER,
    OFFENDER,
    OTHER_PARTY,
    PARTY,
    SIDES,
    SUPPORTER,
    VENUE,
    VICTIM,
    assessed,
    assigned,
    given,
    loss,
    method_agreed,
    opened,
    quorum,
    ready,
    responsible,
    without,
)

TEAM = (opened(*SIDES, SUPPORTER), assigned())
SETTLED = ready()[:7]  # everything before the method is agreed


def prepare(who: Participant = VICTIM, *beside: Participant) -> RecordPreparation:
    return RecordPreparation(
        participant_id=who.participant_id,
        mode=PreparationMode.BY_TELEPHONE,
        aims=(Aim.CLOSURE, Aim.CLOSURE),
        readiness=Readiness.NOT_YET,
        accompanied_by=tuple(one.participant_id for one in beside),
    )


def assess(**fields: Any) -> AssessRisk:
    return AssessRisk(**{"level": RiskLevel.MEDIUM} | fields)


def escalated(version: int = 1) -> RiskEscalated:
    return RiskEscalated(reason=EscalationReason.THREAT, risk_version=version)


def agree(method: Method = FACE_TO_FACE, *confirmations: Confirmation) -> AgreeMethod:
    return AgreeMethod(method=method, confirmations=confirmations)


def approve(**fields: Any) -> ApproveVenue:
    return ApproveVenue(**VENUE.model_dump() | fields)


class TestPreparation:
    def test_is_recorded_of_one_participant_with_those_beside_them(self) -> None:
        given(*TEAM).by(Role.FACILITATOR).when(prepare(VICTIM, SUPPORTER)).then(
            PreparationMeetingHeld(
                participant_id=VICTIM.participant_id,
                individual=True,
                mode=PreparationMode.BY_TELEPHONE,
                aims=(Aim.CLOSURE,),
                readiness=Readiness.NOT_YET,
                accompanied_by=(SUPPORTER.participant_id,),
            )
        )

    @pytest.mark.rule("FAC-04")
    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR])
    def test_is_recorded_by_whoever_is_assigned(self, role: Role) -> None:
        given(*TEAM).by(role).when(prepare()).refused_by("FAC-04")
        somebody = by(Role.FACILITATOR, actor=an_id("another facilitator"))
        given(*TEAM).by(somebody).when(prepare()).refused_by("FAC-04")

    @pytest.mark.rule("FAC-05")
    def test_is_of_somebody_in_the_case(self) -> None:
        case = given(*TEAM).by(Role.FACILITATOR)
        case.when(prepare(PARTY)).refused_by("FAC-05")
        case.when(prepare(VICTIM, PARTY)).refused_by("FAC-05")

    @pytest.mark.rule("FAC-14")
    def test_is_never_with_another_main_person(self) -> None:
        case = given(*TEAM).by(Role.FACILITATOR)
        case.when(prepare(VICTIM, OFFENDER)).refused_by("FAC-14")
        case.when(prepare(OFFENDER, SUPPORTER, VICTIM)).refused_by("FAC-14")


class TestResponsibility:
    def take(self, who: Participant) -> RecordResponsibility:
        return RecordResponsibility(
            participant_id=who.participant_id, responsibility=Responsibility.FULL
        )

    def test_is_recorded_of_an_offender_or_a_party(self) -> None:
        case = given(opened(VICTIM, OFFENDER, PARTY), assigned()).by(Role.FACILITATOR)
        for who in (OFFENDER, PARTY):
            case.when(self.take(who)).then(
                ResponsibilityRecorded(
                    participant_id=who.participant_id, responsibility=Responsibility.FULL
                )
            )

    @pytest.mark.rule("FAC-15")
    def test_is_not_recorded_of_anybody_else(self) -> None:
        case = given(*TEAM).by(Role.FACILITATOR)
        case.when(self.take(VICTIM)).refused_by("FAC-15")
        case.when(self.take(SUPPORTER)).refused_by("FAC-15")


class TestRisk:
    def test_is_assessed_for_28_days_and_numbered(self) -> None:
        command = assess(mitigations=(Mitigation.SAFETY_PLAN,), bars=(DirectBar.BAIL_CONDITION,))
        expected = assessed(
            2,
            level=RiskLevel.MEDIUM,
            mitigations=(Mitigation.SAFETY_PLAN,),
            bars=(DirectBar.BAIL_CONDITION,),
            valid_until=NOW + 28 * DAY,
        )
        given(*TEAM, assessed()).by(Role.FACILITATOR).when(command).then(expected)

    @pytest.mark.rule("FAC-16")
    def test_is_assessed_by_the_team(self) -> None:
        given(*TEAM).by(Role.COORDINATOR).when(assess()).refused_by("FAC-16")
        given(*TEAM).by(Role.COORDINATOR).when(assess(assessed_by=LEAD)).refused_by("FAC-16")
        given(*TEAM).by(Role.SUPERVISOR).when(assess()).refused_by("FAC-16")
        given(*TEAM).by(Role.SUPERVISOR).when(assess(assessed_by=LEAD)).then(
            assessed(level=RiskLevel.MEDIUM, approver_level=ApproverLevel.SUPERVISOR)
        )

    @pytest.mark.rule("FAC-17")
    def test_that_is_high_is_approved_by_a_supervisor(self) -> None:
        high = assess(level=RiskLevel.HIGH, assessed_by=LEAD)
        given(*TEAM).by(Role.FACILITATOR).when(high).refused_by("FAC-17")
        given(*TEAM).by(Role.SUPERVISOR).when(high).accepted()

    def test_is_escalated_by_anybody_at_any_time(self) -> None:
        command = EscalateRisk(reason=EscalationReason.THREAT)
        given(opened()).by(Role.OFFICER).when(command).then(escalated(0))
        given(*TEAM, assessed(1)).when(command).then(escalated(1))
        after = given(*TEAM, assessed(1), escalated(1)).state()
        assert current(after) == 0

    @pytest.mark.rule("FAC-18")
    def test_is_approved_by_a_supervisor_after_an_escalation(self) -> None:
        events = (*TEAM, assessed(1), escalated(1))
        given(*events).by(Role.FACILITATOR).when(assess()).refused_by("FAC-18")
        given(*events).by(Role.SUPERVISOR).when(assess(assessed_by=LEAD)).accepted()
        approved = assessed(2, approver_level=ApproverLevel.SUPERVISOR)
        given(*events, approved).by(Role.FACILITATOR).when(assess()).accepted()


class TestMethod:
    def test_is_agreed_when_all_is_ready_for_it(self) -> None:
        given(*SETTLED).by(Role.FACILITATOR).when(agree()).then(method_agreed())

    @pytest.mark.rule("FAC-20")
    def test_needs_everybodys_consent_to_it(self) -> None:
        case = given(*SETTLED).by(Role.FACILITATOR)
        case.when(agree(LETTER)).refused_by("FAC-20")
        lost = given(*SETTLED, loss()).by(Role.FACILITATOR)
        lost.when(agree()).refused_by("FAC-20")

    @pytest.mark.rule("FAC-21")
    @pytest.mark.parametrize("said", [(), (responsible(how=Responsibility.NONE),)])
    def test_needs_an_offender_who_takes_responsibility(self, said: tuple[Event, ...]) -> None:
        events = (*without(SETTLED, ResponsibilityRecorded), *said)
        given(*events).by(Role.FACILITATOR).when(agree()).refused_by("FAC-21")

    @pytest.mark.rule("FAC-21")
    def test_needs_the_last_word_of_an_offender(self) -> None:
        taken_back = responsible(how=Responsibility.NONE)
        case = given(*SETTLED, taken_back).by(Role.FACILITATOR)
        case.when(agree()).refused_by("FAC-21")

    @pytest.mark.rule("FAC-21")
    def test_needs_parties_who_acknowledge_the_dispute(self) -> None:
        parties = (PARTY, OTHER_PARTY)
        events = (
            opened(*parties),
            quorum(FACE_TO_FACE, *parties),
            assigned(),
            assessed(),
            responsible(PARTY),
        )
        given(*events).by(Role.FACILITATOR).when(agree()).refused_by("FAC-21")
        given(*events, responsible(OTHER_PARTY)).by(Role.FACILITATOR).when(agree()).accepted()

    @pytest.mark.rule("FAC-22")
    @pytest.mark.parametrize("bar", list(DirectBar))
    def test_is_indirect_while_people_must_not_meet(self, bar: DirectBar) -> None:
        barred = assessed(2, bars=(bar,))
        case = given(*SETTLED, quorum(LETTER, version=6), barred).by(Role.FACILITATOR)
        case.when(agree()).refused_by("FAC-22")
        case.when(agree(LETTER)).accepted()
        lifted = given(*SETTLED, barred, assessed(3)).by(Role.FACILITATOR)
        lifted.when(agree()).accepted()

    @pytest.mark.rule("FAC-23")
    def test_needs_a_risk_that_is_known(self) -> None:
        unknown = given(*without(SETTLED, RiskAssessed)).by(Role.FACILITATOR)
        unknown.when(agree()).refused_by("FAC-23")
        case = given(*SETTLED).by(Role.FACILITATOR)
        case.at(NOW + 28 * DAY - timedelta(seconds=1)).when(agree()).accepted()
        case.at(NOW + 28 * DAY).when(agree()).refused_by("FAC-23")
        given(*SETTLED, escalated()).by(Role.FACILITATOR).when(agree()).refused_by("FAC-23")

    @pytest.mark.rule("FAC-24")
    def test_waits_for_the_court(self) -> None:
        charged = (opened(stage=Stage.CHARGED), *SETTLED[1:])
        given(*charged).by(Role.FACILITATOR).when(agree()).refused_by("FAC-24")
        deferred = (opened(stage=Stage.SENTENCE_DEFERRED), *SETTLED[1:])
        given(*deferred).by(Role.FACILITATOR).when(agree()).accepted()

    @pytest.mark.rule("FAC-25")
    @pytest.mark.parametrize(
        ("setting", "confirmations"),
        [
            (Setting.CRIMINAL_INVESTIGATION, (Confirmation.OFFICER_SEES_NO_PREJUDICE,)),
            (
                Setting.POST_COURT,
                (
                    Confirmation.PRISON_OR_PROBATION_CONSULTED,
                    Confirmation.VICTIM_LIAISON_CONSULTED,
                ),
            ),
            (
                Setting.SCHOOL_COLLEGE,
                (Confirmation.SAFEGUARDING_LEAD_ENGAGED, Confirmation.PARENTS_ENGAGED),
            ),
        ],
    )
    def test_has_what_its_setting_asks_to_be_confirmed(
        self, setting: Setting, confirmations: tuple[Confirmation, ...]
    ) -> None:
        case = given(opened(setting=setting), *SETTLED[1:]).by(Role.FACILITATOR)
        refused = case.when(agree(FACE_TO_FACE, *confirmations[1:])).refused_by("FAC-25")
        assert confirmations[0].value in refused.unmet[0].needs
        case.when(agree(FACE_TO_FACE, *confirmations)).then(
            MethodAgreed(method=FACE_TO_FACE, confirmations=confirmations)
        )

    @pytest.mark.rule("FAC-26")
    def test_is_authorised_by_a_supervisor_in_a_community_resolution(self) -> None:
        resolution = (opened(setting=Setting.COMMUNITY_RESOLUTION), *SETTLED[1:])
        given(*resolution).by(Role.FACILITATOR).when(agree()).refused_by("FAC-26")
        given(*resolution).by(Role.SUPERVISOR).when(agree()).accepted()

    @pytest.mark.rule("FAC-04")
    def test_is_agreed_by_the_team_or_a_supervisor(self) -> None:
        given(*SETTLED).by(Role.COORDINATOR).when(agree()).refused_by("FAC-04")


class TestVenue:
    def test_is_approved(self) -> None:
        given(*TEAM).by(Role.FACILITATOR).when(approve()).then(VENUE)
        prison = approve(type=VenueType.PRISON, venue_ref=VenueRef(an_id("prison")))
        given(*TEAM).by(Role.SUPERVISOR).when(prison).accepted()

    @pytest.mark.rule("FAC-27")
    @pytest.mark.parametrize("check", ["neutral", "separate_arrival", "exit", "supporters_space"])
    def test_has_all_that_keeps_people_safe(self, check: str) -> None:
        lacking = approve(**{check: False})
        refused = given(*TEAM).by(Role.FACILITATOR).when(lacking).refused_by("FAC-27")
        assert check in refused.unmet[0].needs
