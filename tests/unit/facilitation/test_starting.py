"""Consent clears what begins: every order of withdrawal and beginning ends in the right place."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.consent import (
    Capacity,
    Channel,
    ConsentGiven,
    Evidence,
    InformationFormat,
    InformationItem,
    RepresentativeBasis,
    RepresentativeKind,
)
from contracts.consent_clearance import ActivityCleared
from contracts.envelope import Event, Position
from contracts.facilitation.aftercare import SafetyConcernRaised, Severity
from contracts.facilitation.exchange import LetterDelivered, MessageRelayed, ReviewResult
from contracts.facilitation.ids import FacilitatorId, LetterId, MeetingId
from contracts.facilitation.meeting import (
    MeetingCancelled,
    MeetingStarted,
    MeetingStopped,
    StopReason,
)
from contracts.facilitation.preparation import RiskLevel
from contracts.facilitation.team import TeamPart
from contracts.facilitation.workforce import Affiliation
from contracts.fields import OrganisationId, Role
from contracts.referral import ReferralAccepted
from contracts.terms import ActivityId, AgeBand, Level, Method, Participant, ParticipantRole
from kernel.commands import Accepted, Changed, NotKnown
from kernel.decider import Actor, Command, Refused
from kernel.http import allow
from kernel.http.problems import Kind
from kernel.peers.memory import Peer, Trouble
from kernel.project.after import NotYet, Parked
from kernel.store.port import StoreUnavailable
from kernel.testing.spec import CASE, NOW, an_id
from services.consent.domain.ledger import commands as ledger
from services.consent.domain.ledger.clearance_commands import ClearActivity
from services.consent.domain.ledger.commands import (
    AppointRepresentative,
    EndRepresentative,
    GiveConsent,
    ProvideConsentInformation,
    RecordCapacity,
    WithdrawConsent,
)
from services.consent.domain.ledger.decide import LEDGER
from services.consent.http import ROUTES as CONSENT_ROUTES
from services.facilitation import starting
from services.facilitation.assigning import assign
from services.facilitation.clearances import Activity
from services.facilitation.domain.case.arrangement.commands import AgreeMethod, ApproveVenue
from services.facilitation.domain.case.decide import CASE as CASES
from services.facilitation.domain.case.exchange.commands import DraftLetter, ReviewLetter
from services.facilitation.domain.case.meeting.commands import ScheduleMeeting
from services.facilitation.domain.case.notes.commands import NoteParticipants
from services.facilitation.domain.case.preparation.commands import (
    RecordPreparation,
    RecordResponsibility,
)
from services.facilitation.domain.case.risk.commands import AssessRisk
from services.facilitation.domain.case.start.commands import (
    DeliverLetter,
    RelayMessage,
    StartMeeting,
)
from services.facilitation.domain.case.team.commands import AssignFacilitator
from services.facilitation.domain.facilitator.commands import (
    RecordTraining,
    RegisterFacilitator,
)
from services.facilitation.domain.facilitator.decide import FACILITATOR
from services.facilitation.scheduling import schedule
from services.facilitation.starting import (
    NotStarted,
    deliver_letter,
    relay_message,
    start_meeting,
    would_deliver_letter,
    would_relay_message,
    would_start_meeting,
)
from tests.unit.facilitation.casework import (
    BOTH,
    DAY,
    ENDS,
    FACE_TO_FACE,
    HALL,
    LEAD,
    OFFENDER,
    SCHOOL,
    SIDES,
    STARTS,
    VENUE,
    VICTIM,
    ids,
    opened,
    prepared,
    responsible,
    someone,
)
from tests.unit.facilitation.office import Office, elsewhere

ACCEPTED = ReferralAccepted(
    setting=opened().setting,
    complexity=opened().complexity,
    min_level=opened().min_level,
    participants=SIDES,
    reasons=(),
    signposted_to=(),
    specialist_service=False,
    organisation=SCHOOL,
)
METHODS = (FACE_TO_FACE, Method.LETTER, Method.SHUTTLE)
STREAM = f"facilitation-{CASE}"
PROVIDER = OrganisationId(an_id("provider"))


def told(who: Participant) -> ProvideConsentInformation:
    return ProvideConsentInformation(
        participant_id=who.participant_id,
        info_version=1,
        items=tuple(InformationItem),
        format=InformationFormat.IN_PERSON,
    )


def yes(who: Participant) -> GiveConsent:
    return GiveConsent(
        participant_id=who.participant_id,
        methods=METHODS,
        evidence=Evidence.WRITTEN,
        info_version=1,
        acknowledged=tuple(InformationItem),
    )


def withdrawal(who: Participant = VICTIM, **fields: Any) -> WithdrawConsent:
    return WithdrawConsent(
        participant_id=who.participant_id, channel=Channel.BY_TELEPHONE, **fields
    )


@pytest.fixture
async def office() -> Office:
    """Everybody agreed to meet, to a letter and to messages, and all is ready for any of them."""
    office = Office()
    await office.accept(ACCEPTED)
    for who in SIDES:
        await office.tell(LEDGER, CASE, told(who), yes(who), who=Role.COORDINATOR)
    await office.tell(
        FACILITATOR,
        LEAD,
        RegisterFacilitator(facilitator_id=LEAD, affiliation=Affiliation.POLICE),
        RecordTraining(level=Level.ADVANCED, hours=30, completed_at=NOW),
        who=Role.PROVIDER_MANAGER,
    )
    wanted = AssignFacilitator(facilitator_id=LEAD)
    assert isinstance(await office.ask(assign, wanted, Role.PROVIDER_MANAGER), Accepted)
    await office.settle()
    await office.tell(
        CASES,
        CASE,
        *(RecordPreparation(**prepared(one).model_dump(exclude={"individual"})) for one in SIDES),
        RecordResponsibility(**responsible().model_dump()),
        AssessRisk(level=RiskLevel.LOW),
        *(AgreeMethod(method=one) for one in METHODS),
        AssessRisk(level=RiskLevel.LOW),
        ApproveVenue(**VENUE.model_dump()),
        who=Role.FACILITATOR,
    )
    meeting = ScheduleMeeting(
        method=FACE_TO_FACE, starts_at=STARTS, ends_at=ENDS, venue_ref=HALL, attendees=BOTH
    )
    assert isinstance(await office.ask(schedule, meeting), Accepted)
    await office.settle()
    await office.pass_until(NOW + 6 * DAY)
    return office


FRIEND = someone("friend", ParticipantRole.SUPPORTER).model_copy(
    update={"age_band": AgeBand.FROM_10_TO_15}
)
PARENT = someone("parent", ParticipantRole.REPRESENTATIVE)


async def bring_a_child(office: Office) -> None:
    """A child supports the victim; their yes rests on that of a parent, who stays away."""
    everybody = (*SIDES, FRIEND, PARENT)
    await office.tell(LEDGER, CASE, ledger.NoteParticipants(participants=everybody))
    await office.tell(CASES, CASE, NoteParticipants(participants=everybody))
    beside = AppointRepresentative(
        participant_id=FRIEND.participant_id,
        representative_id=PARENT.participant_id,
        kind=RepresentativeKind.PARENT_OR_CARER,
        basis=RepresentativeBasis.PARENTAL_RESPONSIBILITY,
    )
    parents = yes(FRIEND).model_copy(update={"given_by": PARENT.participant_id})
    said = (beside, told(FRIEND), told(PARENT), parents)
    await office.tell(LEDGER, CASE, *said, who=Role.COORDINATOR)
    given = (await of_kind(office, ConsentGiven, f"consent-{CASE}"))[-1]
    own = yes(FRIEND).model_copy(update={"co_consent_id": given.consent_id})
    await office.tell(LEDGER, CASE, own, who=Role.COORDINATOR)
    prepares = RecordPreparation(**prepared(FRIEND).model_dump(exclude={"individual"}))
    await office.tell(CASES, CASE, prepares, who=Role.FACILITATOR)


async def join(office: Office, organisation: OrganisationId) -> Actor:
    """A facilitator of another organisation comes to help."""
    manager = elsewhere(Role.PROVIDER_MANAGER, organisation)
    helper = elsewhere(Role.FACILITATOR, organisation)
    helper_id = FacilitatorId(helper.id)
    await office.tell(
        FACILITATOR,
        helper.id,
        RegisterFacilitator(facilitator_id=helper_id, affiliation=Affiliation.PARTNER),
        RecordTraining(level=Level.ADVANCED, hours=30, completed_at=NOW),
        who=manager,
    )
    wanted = AssignFacilitator(facilitator_id=helper_id, part=TeamPart.CO)
    assert isinstance(await office.ask(assign, wanted, Role.PROVIDER_MANAGER), Accepted)
    await office.settle()
    return helper


async def start(office: Office, *others: Participant) -> StartMeeting:
    (meeting_id,) = (await office.state(CASES)).meetings
    attendees = ids(*SIDES, *others)
    return StartMeeting(meeting_id=MeetingId(meeting_id), attendees=attendees)


async def letter(office: Office) -> DeliverLetter:
    draft = DraftLetter(sender=OFFENDER.participant_id, recipient=VICTIM.participant_id)
    await office.tell(CASES, CASE, draft, who=Role.FACILITATOR)
    (letter_id,) = (await office.state(CASES)).letters
    review = ReviewLetter(letter_id=letter_id, result=ReviewResult.ACCEPTED)
    await office.tell(CASES, CASE, review, who=Role.FACILITATOR)
    return DeliverLetter(letter_id=LetterId(letter_id))


WORD = RelayMessage(sender=VICTIM.participant_id, recipient=OFFENDER.participant_id, count=1)


async def of_kind(office: Office, kind: type[Event], stream: str = STREAM) -> list[Any]:
    return [one for one in await office.events(stream) if isinstance(one, kind)]


async def clearances(office: Office) -> list[ActivityCleared]:
    return await of_kind(office, ActivityCleared, f"consent-{CASE}")


def says_that_a_retry_does_not_help(problem: NotStarted) -> bool:
    return "Retry-After" not in problem.headers and "Send it again" not in problem.detail


def unmet(answer: Any) -> set[str]:
    assert isinstance(answer, Refused), answer
    return {one.rule for one in answer.unmet}


ENDINGS: Mapping[str, Command] = {
    "they cannot decide": RecordCapacity(
        participant_id=FRIEND.participant_id, result=Capacity.LACKS_CAPACITY
    ),
    "their parent cannot decide": RecordCapacity(
        participant_id=PARENT.participant_id, result=Capacity.LACKS_CAPACITY
    ),
    "their parent stands beside them no longer": EndRepresentative(
        participant_id=FRIEND.participant_id, representative_id=PARENT.participant_id
    ),
}


class TestBeginning:
    async def test_of_a_meeting_names_its_clearance_and_follows_from_it(
        self, office: Office
    ) -> None:
        body = await start(office)
        assert await office.tries(would_start_meeting, body) is None
        answer = await office.ask(start_meeting, body)
        assert isinstance(answer, Accepted)
        (cleared,), (started,) = await clearances(office), await of_kind(office, MeetingStarted)
        assert started.cleared_by == cleared.clearance_id
        assert set(started.attendees) == set(cleared.attendees) == set(BOTH)
        (place,) = answer.commit.causes
        assert place == Position(f"consent-{CASE}", len(await office.events(place.stream)))

    async def test_of_a_letter_and_of_a_message(self, office: Office) -> None:
        body = await letter(office)
        assert await office.tries(would_deliver_letter, body) is None
        assert await office.tries(would_relay_message, WORD) is None
        assert isinstance(await office.ask(deliver_letter, body), Accepted)
        assert isinstance(await office.ask(relay_message, WORD), Accepted)
        ((delivered,), (relayed,)) = (
            await of_kind(office, LetterDelivered),
            await of_kind(office, MessageRelayed),
        )
        asked = {one.clearance_id: one for one in await clearances(office)}
        assert asked[delivered.cleared_by].activity_id == delivered.letter_id
        assert asked[relayed.cleared_by].activity_id == relayed.message_id
        assert set(asked[relayed.cleared_by].attendees) == set(relayed.attendees)

    async def test_asks_consent_after_what_is_known_here_in_the_callers_name(
        self, office: Office
    ) -> None:
        here = Position(STREAM, len(await office.events(STREAM)))
        await office.ask(start_meeting, await start(office))
        (asked,) = office.peers.sent
        assert asked.after == (here,)
        assert asked.authorization == "Bearer token"

    async def test_is_not_tried_at_consent_when_it_is_refused_here(self, office: Office) -> None:
        alone = (await start(office)).model_copy(update={"attendees": BOTH[:1]})
        for answer in (
            await office.ask(start_meeting, alone),
            await office.tries(would_start_meeting, alone),
        ):
            assert unmet(answer) == {"FAC-33"}
        assert office.peers.sent == []

    async def test_repeated_gets_its_first_answer_and_asks_nobody(self, office: Office) -> None:
        key, body = uuid4(), await start(office)
        first = await office.ask(start_meeting, body, key=key)
        again = await office.ask(start_meeting, body, key=key)
        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert (again.commit, again.repeated) == (first.commit, True)
        assert len(office.peers.sent) == 1

    async def test_of_two_at_once_happens_once(self, office: Office) -> None:
        body = await start(office)
        answers = await asyncio.gather(
            office.ask(start_meeting, body), office.ask(start_meeting, body)
        )
        assert sorted(type(one).__name__ for one in answers) == ["Accepted", "Refused"]
        assert len(await of_kind(office, MeetingStarted)) == 1

    async def test_may_depend_on_the_version_that_was_seen(self, office: Office) -> None:
        body, here = await start(office), len(await office.events(STREAM))
        with pytest.raises(Changed):
            await office.ask(start_meeting, body, expected=here - 1)
        assert office.peers.sent == []
        assert isinstance(await office.ask(start_meeting, body, expected=here), Accepted)

    async def test_is_for_a_facilitator_of_a_partner_who_works_on_the_case(
        self, office: Office
    ) -> None:
        partner = await join(office, PROVIDER)
        assert isinstance(await office.ask(relay_message, WORD, partner), Accepted)

    async def test_in_an_unknown_case_is_not_known(self, office: Office) -> None:
        stranger = elsewhere(Role.FACILITATOR, an_id("stranger"))
        with pytest.raises(NotKnown):
            await office.ask(start_meeting, await start(office), stranger)


class TestWithdrawal:
    async def test_that_was_acknowledged_before_always_stops_it(self, office: Office) -> None:
        """Although facilitation has heard nothing of it yet."""
        body = await start(office)
        answer = await office.consent.commands.execute(
            LEDGER, CASE, withdrawal(), office.request(withdrawal(), Role.OFFICER)
        )
        assert isinstance(answer, Accepted)
        assert unmet(await office.ask(start_meeting, body)) == {"CON-20", "CON-21"}
        assert await of_kind(office, MeetingStarted) == []
        await office.settle()
        assert len(await of_kind(office, MeetingCancelled)) == 1

    async def test_between_clearance_and_beginning_that_is_known_stops_it(
        self, office: Office
    ) -> None:
        async def withdrawn_meanwhile(*_: object) -> None:
            await office.tell(LEDGER, CASE, withdrawal(), who=Role.OFFICER)

        office.waiter = withdrawn_meanwhile
        assert unmet(await office.ask(start_meeting, await start(office))) >= {"FAC-35"}
        assert len(await clearances(office)) == 1
        assert await of_kind(office, MeetingStarted) == []

    async def test_that_comes_after_stops_what_runs(self, office: Office) -> None:
        await office.ask(start_meeting, await start(office))
        await office.tell(LEDGER, CASE, withdrawal(OFFENDER), who=Role.OFFICER)
        (stopped,) = await of_kind(office, MeetingStopped)
        assert stopped.reason is StopReason.CONSENT_WITHDRAWN
        assert await of_kind(office, SafetyConcernRaised) == []

    async def test_that_was_made_before_and_learnt_after_is_a_high_concern(
        self, office: Office
    ) -> None:
        await office.ask(start_meeting, await start(office))
        earlier = withdrawal(happened_at=office.clock.moment - timedelta(hours=1))
        await office.tell(LEDGER, CASE, earlier, who=Role.OFFICER)
        (concern,) = await of_kind(office, SafetyConcernRaised)
        assert concern.severity is Severity.HIGH
        assert len(await of_kind(office, MeetingStopped)) == 1

    async def test_of_a_representative_stops_what_the_child_attends(self, office: Office) -> None:
        await bring_a_child(office)
        body = await start(office, FRIEND)
        assert isinstance(await office.ask(start_meeting, body), Accepted)
        await office.tell(LEDGER, CASE, withdrawal(PARENT), who=Role.OFFICER)
        (stopped,) = await of_kind(office, MeetingStopped)
        assert stopped.reason is StopReason.CONSENT_WITHDRAWN
        assert set((await office.state(CASES)).quorum) == set(METHODS)

    async def test_of_a_representative_between_clearance_and_beginning_stops_it(
        self, office: Office
    ) -> None:
        await bring_a_child(office)

        async def withdrawn_meanwhile(*_: object) -> None:
            await office.tell(LEDGER, CASE, withdrawal(PARENT), who=Role.OFFICER)

        hears, office.waiter = office.waiter, withdrawn_meanwhile
        assert unmet(await office.ask(start_meeting, await start(office, FRIEND))) == {"FAC-35"}
        assert await of_kind(office, MeetingStarted) == []
        office.waiter = hears
        assert isinstance(await office.ask(start_meeting, await start(office)), Accepted)

    @pytest.mark.parametrize("ending", ENDINGS, ids=ENDINGS.keys())
    async def test_is_not_needed_where_a_yes_ends_by_itself_to_stop_what_its_giver_attends(
        self, office: Office, ending: str
    ) -> None:
        await bring_a_child(office)
        body = await start(office, FRIEND)
        assert isinstance(await office.ask(start_meeting, body), Accepted)
        earlier = office.clock.moment - timedelta(hours=1)
        learnt_late = ENDINGS[ending].model_copy(update={"happened_at": earlier})
        await office.tell(LEDGER, CASE, learnt_late)
        (stopped,) = await of_kind(office, MeetingStopped)
        assert stopped.reason is StopReason.CONSENT_WITHDRAWN
        (concern,) = await of_kind(office, SafetyConcernRaised)
        assert concern.severity is Severity.HIGH
        assert set((await office.state(CASES)).quorum) == set(METHODS)

    async def test_of_consent_not_asked_about_lately_is_not_presumed_but_asked(
        self, office: Office
    ) -> None:
        await office.pass_until(NOW + 8 * DAY)
        assert unmet(await office.ask(start_meeting, await start(office))) == {"CON-22"}


class TestTrouble:
    @pytest.mark.parametrize("trouble", list(Trouble))
    async def test_on_the_way_begins_nothing_and_a_retry_asks_anew(
        self, office: Office, trouble: Trouble
    ) -> None:
        key, body = uuid4(), await start(office)
        office.peers.troubles = deque([trouble])
        with pytest.raises(NotStarted, match="could not be asked") as failed:
            await office.ask(start_meeting, body, key=key)
        assert failed.value.kind is Kind.UNAVAILABLE
        assert not says_that_a_retry_does_not_help(failed.value)
        assert await of_kind(office, MeetingStarted) == []
        assert isinstance(await office.ask(start_meeting, body, key=key), Accepted)
        first, second = office.peers.sent
        assert first.key != second.key
        (started,) = await of_kind(office, MeetingStarted)
        assert started.cleared_by == (await clearances(office))[-1].clearance_id

    @pytest.mark.parametrize("late", [NotYet(), Parked("held")])
    async def test_in_hearing_of_the_clearance_begins_nothing(
        self, office: Office, late: Exception
    ) -> None:
        async def never(*_: object) -> None:
            raise late

        hears, office.waiter = office.waiter, never
        body = await start(office)
        with pytest.raises(NotStarted, match="not arrived"):
            await office.ask(start_meeting, body)
        assert await of_kind(office, MeetingStarted) == []
        office.waiter = hears
        assert isinstance(await office.ask(start_meeting, body), Accepted)

    async def test_with_a_clearance_that_never_was_noted_begins_nothing(
        self, office: Office
    ) -> None:
        async def presumes(*_: object) -> None:
            """Say that it is known, although it is not."""

        office.waiter = presumes
        assert unmet(await office.ask(start_meeting, await start(office))) == {"FAC-34"}

    async def test_that_takes_too_long_begins_nothing(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def waits(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(starting, "WITHIN_SECONDS", 0.01)
        office.waiter = waits
        with pytest.raises(StoreUnavailable):
            await office.ask(start_meeting, await start(office))
        assert await of_kind(office, MeetingStarted) == []

    async def test_where_consent_does_not_know_the_case_begins_nothing(
        self, office: Office
    ) -> None:
        office.consent.commits.__init__()  # type: ignore[misc]
        with pytest.raises(NotStarted, match="does not know") as failed:
            await office.ask(start_meeting, await start(office))
        assert failed.value.kind is Kind.NOT_FOUND
        assert says_that_a_retry_does_not_help(failed.value)
        assert await of_kind(office, MeetingStarted) == []

    async def test_where_consent_lets_the_callers_role_clear_nothing_begins_nothing(
        self, office: Office
    ) -> None:
        routes = tuple(replace(one, policy=allow(Role.SUPERVISOR)) for one in CONSENT_ROUTES)
        office.peers.services = {"consent": Peer(routes, office.consent.commands)}
        with pytest.raises(NotStarted, match="your role") as failed:
            await office.ask(start_meeting, await start(office))
        assert failed.value.kind is Kind.NOT_ALLOWED
        assert says_that_a_retry_does_not_help(failed.value)
        assert await of_kind(office, MeetingStarted) == []


def test_a_clearance_is_usable_for_longer_than_a_beginning_may_take() -> None:
    assert starting.WITHIN_SECONDS < 120


def test_consent_is_asked_in_its_own_words() -> None:
    assert Activity.model_fields.keys() == ClearActivity.model_fields.keys() - {"happened_at"}
    asked = Activity(activity_id=ActivityId(an_id("activity")), method=FACE_TO_FACE, attendees=BOTH)
    ClearActivity.model_validate_json(asked.model_dump_json())
