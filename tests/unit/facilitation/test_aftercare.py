"""How people fare afterwards, concerns for safety, and entries that were mistakes."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.common import CaseClosureNoted, EntryCorrected
from contracts.envelope import Event
from contracts.facilitation.aftercare import (
    ConcernKind,
    ConcernOutcome,
    FollowUpHeld,
    FollowUpWave,
    OnwardDuty,
    SafetyConcernRaised,
    SafetyConcernResolved,
    Severity,
    Wellbeing,
)
from contracts.facilitation.ids import ConcernId
from contracts.facilitation.preparation import (
    PreparationMeetingHeld,
    Readiness,
    Responsibility,
    ResponsibilityRecorded,
    RiskAssessed,
    VenueApproved,
)
from contracts.fields import Role
from contracts.terms import Participant
from kernel.testing.spec import an_id, by, new_id
from services.facilitation.domain.case.correction.commands import CorrectEntry
from services.facilitation.domain.case.safety.commands import (
    RaiseSafetyConcern,
    RecordFollowUp,
    ResolveSafetyConcern,
)
from tests.unit.facilitation.casework import (
    PARTY,
    VICTIM,
    assessed,
    given,
    opened,
    over,
    prepared,
    ready,
    responsible,
    running,
    scheduled,
)
from tests.unit.facilitation.test_agreement import CLOSED, COMPLETED, MISSED, REACHED
from tests.unit.facilitation.test_meeting import schedule

CONCERN = ConcernId(an_id("concern"))


def follow_up(who: Participant = VICTIM) -> RecordFollowUp:
    return RecordFollowUp(
        participant_id=who.participant_id,
        wave=FollowUpWave.SIX_WEEKS,
        wellbeing=Wellbeing.BETTER,
    )


FOLLOWED_UP = FollowUpHeld(
    participant_id=VICTIM.participant_id,
    wave=FollowUpWave.SIX_WEEKS,
    wellbeing=Wellbeing.BETTER,
)


def concern(
    severity: Severity, by_role: Role = Role.COORDINATOR, id_: ConcernId = CONCERN
) -> SafetyConcernRaised:
    return SafetyConcernRaised(
        concern_id=id_,
        severity=severity,
        kind=ConcernKind.RISK_OF_HARM,
        onward_duty=OnwardDuty.POLICE,
        raised_by=by(by_role).id,
    )


def raise_concern(severity: Severity) -> RaiseSafetyConcern:
    return RaiseSafetyConcern(
        severity=severity, kind=ConcernKind.RISK_OF_HARM, onward_duty=OnwardDuty.POLICE
    )


RESOLVE = ResolveSafetyConcern(concern_id=CONCERN, outcome=ConcernOutcome.MADE_SAFE)
RESOLVED = SafetyConcernResolved(concern_id=CONCERN, outcome=ConcernOutcome.MADE_SAFE)


class TestFollowUp:
    def test_is_recorded_by_the_team_or_the_hub_also_after_the_end(self) -> None:
        given(*over()).by(Role.FACILITATOR).when(follow_up()).then(FOLLOWED_UP)
        closed = over(CaseClosureNoted(referral_version=9))
        given(*closed).by(Role.COORDINATOR).when(follow_up()).then(FOLLOWED_UP)

    @pytest.mark.rule("FAC-60")
    def test_comes_after_an_activity(self) -> None:
        given(*running()).by(Role.FACILITATOR).when(follow_up()).refused_by("FAC-60")

    @pytest.mark.rule("FAC-05")
    def test_is_of_somebody_in_the_case(self) -> None:
        given(*over()).by(Role.FACILITATOR).when(follow_up(PARTY)).refused_by("FAC-05")

    @pytest.mark.rule("FAC-04")
    def test_is_not_for_others_to_record(self) -> None:
        given(*over()).by(Role.OFFICER).when(follow_up()).refused_by("FAC-04")


class TestConcern:
    @pytest.mark.rule("FAC-70")
    @pytest.mark.parametrize("role", [Role.OFFICER, Role.REFERRER, Role.FACILITATOR])
    @pytest.mark.parametrize(
        "events", [(opened(),), over(CaseClosureNoted(referral_version=9))], ids=["open", "closed"]
    )
    def test_is_always_taken(self, role: Role, events: tuple[Event, ...]) -> None:
        raised = given(*events).by(role).when(raise_concern(Severity.HIGH))
        raised.then(concern(Severity.HIGH, role, ConcernId(new_id("concern"))))

    def test_is_settled_by_somebody_else(self) -> None:
        after = given(*over(concern(Severity.HIGH))).by(Role.SUPERVISOR).when(RESOLVE)
        after.then(RESOLVED)
        assert after.state().concerns == {}

    @pytest.mark.rule("FAC-71")
    def test_is_settled_once(self) -> None:
        given(*over()).by(Role.SUPERVISOR).when(RESOLVE).refused_by("FAC-71")
        events = over(concern(Severity.LOW), RESOLVED)
        given(*events).by(Role.SUPERVISOR).when(RESOLVE).refused_by("FAC-71")

    @pytest.mark.rule("FAC-72")
    def test_is_settled_by_whoever_raised_it_only_if_low(self) -> None:
        low, high = over(concern(Severity.LOW)), over(concern(Severity.MEDIUM))
        given(*low).by(Role.COORDINATOR).when(RESOLVE).then(RESOLVED)
        given(*high).by(Role.COORDINATOR).when(RESOLVE).refused_by("FAC-72")
        given(*high).by(Role.FACILITATOR).when(RESOLVE).then(RESOLVED)

    @pytest.mark.rule("FAC-04")
    def test_is_not_for_others_to_settle(self) -> None:
        given(*over(concern(Severity.LOW))).by(Role.OFFICER).when(RESOLVE).refused_by("FAC-04")


def entry(version: int) -> UUID:
    return an_id(f"entry {version}")


def correct(version: int) -> CorrectEntry:
    return CorrectEntry(entry=entry(version))


def corrected(version: int) -> EntryCorrected:
    return EntryCorrected(entry=entry(version), entry_version=version)


def place(kind: type[Event], events: tuple[Event, ...]) -> int:
    return max(version for version, one in enumerate(events, 1) if isinstance(one, kind))


class TestCorrection:
    """The specs' events were made by a coordinator."""

    @pytest.mark.parametrize(
        ("kind", "rule"),
        [
            (PreparationMeetingHeld, "FAC-31"),
            (ResponsibilityRecorded, "FAC-21"),
            (RiskAssessed, "FAC-29"),
            (VenueApproved, "FAC-43"),
        ],
    )
    def test_ends_what_an_entry_counted_for(self, kind: type[Event], rule: str) -> None:
        version = place(kind, ready())
        given(*ready()).when(correct(version)).then(corrected(version))
        after = given(*ready(corrected(version))).by(Role.FACILITATOR)
        after.when(schedule()).refused_by(rule)

    def test_brings_back_what_was_said_before(self) -> None:
        events = ready(responsible(how=Responsibility.NONE))
        after = given(*events, corrected(len(events))).by(Role.FACILITATOR)
        after.when(schedule()).accepted()
        again = ready(prepared(VICTIM, Readiness.NOT_YET))
        given(*again, corrected(len(again))).by(Role.FACILITATOR).when(schedule()).accepted()

    def test_never_gives_a_number_of_an_assessment_twice(self) -> None:
        events = (*ready(assessed(3)), corrected(len(ready()) + 1))
        assert given(*events).state().assessments == 3

    @pytest.mark.rule("FAC-80")
    def test_is_never_of_what_took_place_or_was_noted(self) -> None:
        events = over(REACHED)
        kept = (1, 2, 3, *range(len(ready()) + 1, len(events) + 1))
        for version in kept:
            given(*events).when(correct(version)).refused_by("FAC-80")
        given(*events).when(correct(99)).refused_by("FAC-80")

    @pytest.mark.rule("FAC-80")
    def test_happens_once(self) -> None:
        given(*ready(corrected(4))).when(correct(4)).refused_by("FAC-80")

    @pytest.mark.rule("FAC-80")
    def test_of_an_item_ends_with_its_agreement(self) -> None:
        events = over(REACHED, COMPLETED, MISSED)
        version = place(type(MISSED), events)
        given(*events).when(correct(version)).then(corrected(version))
        given(*events, CLOSED).when(correct(version)).refused_by("FAC-80")

    @pytest.mark.rule("FAC-81")
    def test_is_made_by_whoever_made_the_entry_or_a_supervisor(self) -> None:
        given(*ready(scheduled())).by(Role.FACILITATOR).when(correct(4)).refused_by("FAC-81")
        given(*ready(scheduled())).by(Role.SUPERVISOR).when(correct(4)).then(corrected(4))
        elsewhere = by(Role.COORDINATOR, org=an_id("elsewhere"))
        given(*ready(scheduled())).by(elsewhere).when(correct(4)).refused_by("FAC-81")

    def test_of_a_follow_up_is_possible(self) -> None:
        events = over(FOLLOWED_UP)
        given(*events).when(correct(len(events))).then(corrected(len(events)))
