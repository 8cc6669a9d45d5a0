"""Reserved first, then recorded in the case: whatever happens in between, both agree in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.envelope import Topic
from contracts.facilitation.ids import FacilitatorId, MeetingId, VenueRef
from contracts.facilitation.meeting import CancelReason
from contracts.facilitation.preparation import RiskLevel
from contracts.facilitation.team import FacilitatorUnassigned, TeamPart, UnassignReason
from contracts.facilitation.workforce import (
    Affiliation,
    ConflictKind,
    ReservationReleased,
    SuspensionReason,
)
from contracts.fields import CaseId, Role
from contracts.terms import Level
from kernel.commands import Accepted, NotKnown
from kernel.decider import Refused
from kernel.testing.spec import CASE, NOW, an_id
from services.facilitation.assigning import assign, would_assign
from services.facilitation.domain.case.arrangement.commands import AgreeMethod, ApproveVenue
from services.facilitation.domain.case.decide import CASE as CASES
from services.facilitation.domain.case.meeting.commands import (
    CancelMeeting,
    RescheduleMeeting,
    ScheduleMeeting,
)
from services.facilitation.domain.case.notes.commands import NoteConsentQuorum, OpenFacilitation
from services.facilitation.domain.case.preparation.commands import (
    RecordPreparation,
    RecordResponsibility,
)
from services.facilitation.domain.case.risk.commands import AssessRisk
from services.facilitation.domain.case.team.commands import (
    AssignFacilitator,
    UnassignFacilitator,
)
from services.facilitation.domain.facilitator.commands import (
    DeclareConflict,
    RecordTraining,
    RegisterFacilitator,
    ReinstateFacilitator,
    SuspendFacilitator,
)
from services.facilitation.domain.facilitator.decide import FACILITATOR
from services.facilitation.scheduling import (
    reschedule,
    schedule,
    would_reschedule,
    would_schedule,
)
from tests.unit.facilitation.casework import (
    BOTH,
    CO,
    DAY,
    ENDS,
    FACE_TO_FACE,
    HALL,
    LEAD,
    OFFENDER,
    STARTS,
    VENUE,
    VICTIM,
    opened,
    prepared,
    responsible,
)
from tests.unit.facilitation.office import Office, elsewhere

MANAGER = Role.PROVIDER_MANAGER
WANTED = AssignFacilitator(facilitator_id=LEAD)
MEETING = ScheduleMeeting(
    method=FACE_TO_FACE, starts_at=STARTS, ends_at=ENDS, venue_ref=HALL, attendees=BOTH
)
LAPSED = NOW + timedelta(minutes=5)


async def hired(office: Office, who: FacilitatorId, level: Level = Level.ADVANCED) -> None:
    await office.tell(
        FACILITATOR,
        who,
        RegisterFacilitator(facilitator_id=who, affiliation=Affiliation.PARTNER),
        RecordTraining(level=level, hours=30, completed_at=NOW - DAY),
        who=MANAGER,
    )


@pytest.fixture
async def office() -> Office:
    """A case was accepted, and two facilitators are there."""
    office = Office()
    await office.tell(CASES, CASE, OpenFacilitation(**opened().model_dump()))
    for who in (LEAD, CO):
        await hired(office, who)
    return office


async def all_but_the_date(office: Office) -> None:
    """Everything that a meeting needs but its date."""
    await office.tell(
        CASES,
        CASE,
        NoteConsentQuorum(method=FACE_TO_FACE, participants=BOTH, consent_version=5),
        *(
            RecordPreparation(**one.model_dump(exclude={"individual"}))
            for one in (prepared(VICTIM), prepared(OFFENDER))
        ),
        RecordResponsibility(**responsible().model_dump()),
        AssessRisk(level=RiskLevel.LOW),
        AgreeMethod(method=FACE_TO_FACE),
        AssessRisk(level=RiskLevel.LOW),
        ApproveVenue(**VENUE.model_dump()),
        who=Role.FACILITATOR,
    )


async def the_meeting(office: Office) -> MeetingId:
    ((meeting_id, _),) = (await office.state(CASES)).meetings.items()
    return MeetingId(meeting_id)


async def reservations(office: Office, who: FacilitatorId = LEAD) -> list[tuple[bool, bool]]:
    """Of each reservation, whether it is of time and whether it is confirmed."""
    found = (await office.state(FACILITATOR, who)).reservations.values()
    return [(one.starts_at is not None, one.confirmed) for one in found]


def unmet(answer: Any) -> set[str]:
    assert isinstance(answer, Refused), answer
    return {one.rule for one in answer.unmet}


class TestAssignment:
    async def test_is_reserved_recorded_and_confirmed(self, office: Office) -> None:
        assert await office.tries(would_assign, WANTED, MANAGER) is None
        assert isinstance(await office.ask(assign, WANTED, MANAGER), Accepted)
        assert await reservations(office) == [(False, False)]
        await office.settle()
        assert await reservations(office) == [(False, True)]
        (member,) = (await office.state(CASES)).team
        assert (member.facilitator_id, member.level) == (LEAD, Level.ADVANCED)

    async def test_names_every_reason_against_it(self, office: Office) -> None:
        await office.ask(assign, WANTED, MANAGER)
        await office.tell(
            FACILITATOR,
            CO,
            SuspendFacilitator(reason=SuspensionReason.COMPLAINT),
            DeclareConflict(case_id=CaseId(CASE), kind=ConflictKind.EARLIER_ROLE),
        )
        second = AssignFacilitator(facilitator_id=CO)
        for answer in (
            await office.tries(would_assign, second, MANAGER),
            await office.ask(assign, second, MANAGER),
        ):
            assert unmet(answer) == {"WRK-09", "WRK-14", "FAC-06"}
        assert await reservations(office, CO) == []

    async def test_of_too_low_a_level_reserves_nobody(self, office: Office) -> None:
        novice = FacilitatorId(an_id("novice"))
        await hired(office, novice, Level.FOUNDATION)
        answer = await office.ask(assign, AssignFacilitator(facilitator_id=novice), MANAGER)
        assert unmet(answer) == {"FAC-07"}
        assert await reservations(office, novice) == []

    async def test_repeated_gets_its_first_answer_and_reserves_nobody_again(
        self, office: Office
    ) -> None:
        key = uuid4()
        first = await office.ask(assign, WANTED, MANAGER, key=key)
        await office.tell(CASES, CASE, UnassignFacilitator(facilitator_id=LEAD))
        again = await office.ask(assign, WANTED, MANAGER, key=key)
        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert (again.commit, again.repeated) == (first.commit, True)
        assert await reservations(office) == []

    async def test_is_for_managers_who_see_the_facilitator(self, office: Office) -> None:
        stranger = elsewhere(MANAGER, an_id("school"))
        with pytest.raises(NotKnown):
            await office.ask(assign, WANTED, stranger)

    async def test_of_somebody_unknown_is_not_known(self, office: Office) -> None:
        unknown = AssignFacilitator(facilitator_id=FacilitatorId(an_id("unknown")))
        with pytest.raises(NotKnown):
            await office.ask(assign, unknown, MANAGER)

    async def test_ends_with_its_reservation(self, office: Office) -> None:
        await office.ask(assign, WANTED, MANAGER)
        await office.settle()
        await office.tell(CASES, CASE, UnassignFacilitator(facilitator_id=LEAD))
        assert await reservations(office) == []


class TestReservation:
    async def test_that_no_case_recorded_is_let_go_in_time(self, office: Office) -> None:
        case = await self.reserved_only(office)
        await office.pass_until(LAPSED - timedelta(seconds=1))
        assert await reservations(office) == [(False, False)]
        await office.pass_until(LAPSED)
        assert await reservations(office) == []
        assert unmet(await office.ask(assign, WANTED, MANAGER, key=case)) == {"FAC-10"}
        assert isinstance(await office.ask(assign, WANTED, MANAGER), Accepted)

    async def test_that_the_case_recorded_is_kept_however_late_it_is_told(
        self, office: Office
    ) -> None:
        await office.ask(assign, WANTED, MANAGER)
        await office.facilitation.fold(office.facilitation.news(Topic.WORKFORCE))
        office.clock.move(LAPSED)
        await office.facilitation.loop.settle()
        await office.settle()
        assert await reservations(office) == [(False, True)]

    async def test_is_completed_by_the_same_request(self, office: Office) -> None:
        key = await self.reserved_only(office)
        assert isinstance(await office.ask(assign, WANTED, MANAGER, key=key), Accepted)
        await office.pass_until(LAPSED)
        assert await reservations(office) == [(False, True)]

    async def reserved_only(self, office: Office) -> Any:
        """The process dies after the reservation; the key with which to ask again."""
        key, insert = uuid4(), office.facilitation.commits.insert

        async def dies(commits: Any) -> Any:
            if any(one.stream.startswith("facilitation-") for one in commits):
                raise RuntimeError("died")
            return await insert(commits)

        office.facilitation.commits.insert = dies  # type: ignore[method-assign, assignment]
        with pytest.raises(Exception, match="unknown"):
            await office.ask(assign, WANTED, MANAGER, key=key)
        office.facilitation.commits.insert = insert  # type: ignore[method-assign]
        await office.settle()
        return key


class TestLoss:
    async def test_a_suspension_takes_the_facilitator_off_every_case(self, office: Office) -> None:
        await office.ask(assign, WANTED, MANAGER)
        await office.settle()
        await office.tell(
            FACILITATOR, LEAD, SuspendFacilitator(reason=SuspensionReason.SAFEGUARDING)
        )
        *_, last = await office.events(f"facilitation-{CASE}")
        assert isinstance(last, FacilitatorUnassigned)
        assert last.reason is UnassignReason.SUSPENDED
        assert await reservations(office) == []

    async def test_a_conflict_takes_them_off_its_case_only(self, office: Office) -> None:
        await office.ask(assign, WANTED, MANAGER)
        await office.settle()
        other, this = CaseId(an_id("another case")), CaseId(CASE)
        declare = DeclareConflict(case_id=other, kind=ConflictKind.EARLIER_ROLE)
        await office.tell(FACILITATOR, LEAD, declare)
        assert len((await office.state(CASES)).team) == 1
        await office.tell(FACILITATOR, LEAD, declare.model_copy(update={"case_id": this}))
        assert (await office.state(CASES)).team == ()

    async def test_a_suspension_that_comes_between_voids_the_reservation(
        self, office: Office
    ) -> None:
        key = await TestReservation().reserved_only(office)
        await office.tell(FACILITATOR, LEAD, SuspendFacilitator(reason=SuspensionReason.OTHER))
        assert unmet(await office.ask(assign, WANTED, MANAGER, key=key)) == {"WRK-09"}
        await office.tell(FACILITATOR, LEAD, ReinstateFacilitator())
        assert unmet(await office.ask(assign, WANTED, MANAGER, key=key)) == {"FAC-10"}
        assert isinstance(await office.ask(assign, WANTED, MANAGER), Accepted)


class TestMeeting:
    @pytest.fixture
    async def office(self, office: Office) -> Office:
        await office.ask(assign, WANTED, MANAGER)
        await office.settle()
        await all_but_the_date(office)
        return office

    async def test_gets_its_date_with_the_time_of_the_team(self, office: Office) -> None:
        await office.ask(assign, AssignFacilitator(facilitator_id=CO, part=TeamPart.CO), MANAGER)
        assert await office.tries(would_schedule, MEETING) is None
        assert isinstance(await office.ask(schedule, MEETING), Accepted)
        await office.settle()
        meeting = (await office.state(CASES)).meetings[await the_meeting(office)]
        assert {one.facilitator_id for one in meeting.bookings} == {LEAD, CO}
        assert await reservations(office) == [(False, True), (True, True)]
        assert await reservations(office, CO) == [(False, True), (True, True)]

    async def test_is_refused_where_somebody_is_elsewhere(self, office: Office) -> None:
        await office.ask(schedule, MEETING)
        await office.settle()
        overlap = {"starts_at": STARTS + timedelta(hours=1), "ends_at": ENDS + DAY}
        second = MEETING.model_copy(update=overlap)
        for answer in (
            await office.tries(would_schedule, second),
            await office.ask(schedule, second),
        ):
            assert unmet(answer) == {"WRK-15", "FAC-44"}
        assert len(await reservations(office)) == 2

    async def test_says_at_once_what_is_wrong_in_the_case(self, office: Office) -> None:
        nowhere = {"venue_ref": VenueRef(an_id("nowhere")), "ends_at": STARTS}
        wrong = MEETING.model_copy(update=nowhere)
        assert unmet(await office.ask(schedule, wrong)) == {"FAC-41", "FAC-43"}
        assert len(await reservations(office)) == 1

    async def test_moves_with_the_time_of_the_team(self, office: Office) -> None:
        await office.ask(schedule, MEETING)
        await office.settle()
        meeting_id = await the_meeting(office)
        later = RescheduleMeeting(
            meeting_id=meeting_id, starts_at=STARTS + timedelta(hours=1), ends_at=ENDS + DAY
        )
        assert await office.tries(would_reschedule, later) is None
        assert isinstance(await office.ask(reschedule, later), Accepted)
        await office.settle()
        assert await reservations(office) == [(False, True), (True, True)]
        assert (await office.state(CASES)).meetings[meeting_id].ends_at == ENDS + DAY

    async def test_that_is_cancelled_frees_the_time_of_the_team(self, office: Office) -> None:
        await office.ask(schedule, MEETING)
        await office.settle()
        cancel = CancelMeeting(meeting_id=await the_meeting(office), reason=CancelReason.RISK)
        await office.tell(CASES, CASE, cancel, who=Role.FACILITATOR)
        assert await reservations(office) == [(False, True)]

    async def test_repeated_gets_its_first_answer(self, office: Office) -> None:
        key = uuid4()
        first = await office.ask(schedule, MEETING, key=key)
        again = await office.ask(schedule, MEETING, key=key)
        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert again.commit == first.commit

    async def test_whoever_leaves_the_team_has_their_time_back(self, office: Office) -> None:
        await office.ask(schedule, MEETING)
        await office.settle()
        await office.tell(CASES, CASE, UnassignFacilitator(facilitator_id=LEAD))
        assert await reservations(office) == []
        released = [
            one
            for one in await office.events(f"facilitator-{LEAD}")
            if isinstance(one, ReservationReleased)
        ]
        assert len(released) == 2
