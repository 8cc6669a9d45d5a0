"""How a case stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.common import EntryCorrected, ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    ConsentDeclined,
    ConsentId,
    Purpose,
    RepresentativeEndCause,
    RepresentativeEnded,
)
from contracts.consent_review import ConsentExpired, ConsentReconfirmed, ConsentVaried
from contracts.envelope import Event
from contracts.facilitation.exchange import Direction, LetterDelivered
from contracts.facilitation.ids import FacilitatorId, LetterId, MeetingId, ReservationId
from contracts.facilitation.meeting import (
    MeetingHeld,
    MeetingStarted,
    MeetingStopped,
    StopReason,
)
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    TeamPart,
    UnassignReason,
)
from contracts.fields import CaseId, ParticipantId
from contracts.referral import (
    InitiatedBy,
    ParticipantAdded,
    ParticipantRemoved,
    ReferralDeclined,
    ReferralDuplicateLinked,
    SourceType,
    VictimRequestRecorded,
)
from contracts.referral_course import (
    CaseClosed,
    CaseHeld,
    CaseResumed,
    CloseCode,
    HoldReason,
)
from contracts.terms import ClearanceId, Level, Method, ParticipantRole, Setting
from kernel.testing.spec import CASE, NOW, an_id, folding
from services.reporting.projections.case_status.consent import Said
from services.reporting.projections.case_status.lifecycle import Status
from services.reporting.projections.case_status.project import CASE_STATUS
from services.reporting.projections.case_status.query import Answer, CaseStatus, Hold, case_status
from tests.support_http import HOUSING, HUB, POLICE
from tests.unit.reporting.story import (
    ACCEPTED,
    FACILITATION_OPENED,
    LEDGER_OPENED,
    LETTER,
    LOST,
    OFFENDER,
    REACHED,
    SCREENED,
    SUPPORTER,
    UNTIL,
    VICTIM,
    Story,
    agreed_and_lost,
    document,
    in_memory,
    orders,
    requested,
    told_all,
    withdrawn,
    yes,
)

DECLINED = ReferralDeclined(reasons=(), signposted_to=())
LINKED = ReferralDuplicateLinked(
    duplicate_of=CaseId(an_id("first case")),
    setting=Setting.FAMILY,
    source_type=SourceType.SELF,
    organisation=POLICE,
)
OFFENDERS_WISH = requested(initiated_by=InitiatedBy.OFFENDER, victim_request=False)
ASKED = VictimRequestRecorded(participant_id=VICTIM.participant_id)
PARENT = ParticipantId(an_id("parent"))
HELD = CaseHeld(reason=HoldReason.CRIMINAL_PROCESS, review_at=UNTIL)
ENDED = CaseClosed(outcome=CloseCode.OFFENDER_WITHDREW)
FACILITATOR = FacilitatorId(an_id("facilitator"))
ASSIGNED = FacilitatorAssigned(
    facilitator_id=FACILITATOR,
    part=TeamPart.LEAD,
    level=Level.ADVANCED,
    organisation=HUB,
    reservation_id=ReservationId(an_id("reservation")),
)
UNASSIGNED = FacilitatorUnassigned(
    facilitator_id=FACILITATOR,
    part=TeamPart.LEAD,
    reason=UnassignReason.SUSPENDED,
    reservation_id=ASSIGNED.reservation_id,
)
MEETING: dict[str, Any] = {"meeting_id": MeetingId(an_id("meeting")), "method": Method.VIDEO}
CLEARED: dict[str, Any] = {
    "attendees": (),
    "cleared_by": ClearanceId(an_id("clearance")),
    "risk_version": 1,
}
STARTED = MeetingStarted(**MEETING, **CLEARED)
STOPPED = MeetingStopped(**MEETING, reason=StopReason.DISTRESS)
MET = MeetingHeld(**MEETING, attendance=(), minutes=45)
DELIVERED = LetterDelivered(
    letter_id=LetterId(an_id("letter")),
    method=LETTER,
    direction=Direction.TO_HARMED,
    **CLEARED,
)
MISTAKEN = EntryCorrected(entry=an_id("entry"), entry_version=2)


def shown(*events: Event, consent: tuple[Event, ...] = ()) -> CaseStatus:
    story = Story()
    for event in events:
        story.tell("referral", event)
    for event in consent:
        story.tell("consent", event)
    return case_status(document(CASE_STATUS, story.told), with_consents=True)


def answers(*consent: Event) -> tuple[Answer, ...]:
    """What the victim said, after these events of an open ledger."""
    people = shown(requested(), consent=(LEDGER_OPENED, *consent)).consents
    return next(one.answers for one in people or () if one.role is ParticipantRole.VICTIM)


def said(what: Said, method: Method = LETTER, giver: ParticipantId | None = None) -> Answer:
    until = UNTIL if what is Said.YES else None
    given_by = giver or VICTIM.participant_id
    return Answer(method=method, said=what, given_by=given_by, valid_until=until)


def review(
    kind: type[ConsentReconfirmed | ConsentVaried], *methods: Method, until: datetime = UNTIL
) -> Event:
    """A review of what `yes` says."""
    return kind(
        consent_id=ConsentId(an_id("consent")),
        participant_id=VICTIM.participant_id,
        methods=methods,
        info_version=1,
        valid_until=until,
        checked_at=NOW,
    )


@pytest.mark.parametrize(
    ("events", "status", "is_open"),
    [
        ((requested(),), Status.REQUESTED, True),
        ((OFFENDERS_WISH,), Status.AWAITING_VICTIM_REQUEST, True),
        ((OFFENDERS_WISH, SCREENED), Status.AWAITING_VICTIM_REQUEST, True),
        ((OFFENDERS_WISH, ASKED), Status.REQUESTED, True),
        ((requested(victim_request=False),), Status.REQUESTED, True),
        ((requested(), SCREENED), Status.SCREENING, True),
        ((requested(), SCREENED, ACCEPTED), Status.ACCEPTED, True),
        ((requested(), SCREENED, DECLINED), Status.DECLINED, False),
        ((OFFENDERS_WISH, SCREENED, DECLINED), Status.DECLINED, False),
        ((LINKED,), Status.CLOSED, False),
        ((requested(), HELD), Status.ON_HOLD, True),
        ((requested(), SCREENED, ACCEPTED, HELD), Status.ON_HOLD, True),
        ((requested(), SCREENED, HELD, CaseResumed()), Status.SCREENING, True),
        ((requested(), SCREENED, ACCEPTED, HELD, ENDED), Status.CLOSED, False),
        ((requested(), HELD, SCREENED, DECLINED), Status.DECLINED, False),
        ((OFFENDERS_WISH, ASKED, MISTAKEN), Status.AWAITING_VICTIM_REQUEST, True),
    ],
)
def test_the_status_follows_the_referral(
    events: tuple[Event, ...], status: Status, is_open: bool
) -> None:
    story = Story()
    for event in events:
        story.tell("referral", event)
    found = document(CASE_STATUS, story.told)
    assert case_status(found, with_consents=False).status == status
    assert found.body["open"] is is_open


@pytest.mark.parametrize(
    ("consent", "facilitation", "status"),
    [
        ((), (FACILITATION_OPENED,), Status.ACCEPTED),
        ((), (FACILITATION_OPENED, ASSIGNED), Status.PREPARING),
        ((), (FACILITATION_OPENED, ASSIGNED, UNASSIGNED), Status.ACCEPTED),
        ((REACHED,), (FACILITATION_OPENED, ASSIGNED), Status.READY),
        ((REACHED, LOST), (FACILITATION_OPENED, ASSIGNED), Status.PREPARING),
        ((REACHED,), (FACILITATION_OPENED, ASSIGNED, STARTED), Status.IN_ACTIVITY),
        ((REACHED,), (FACILITATION_OPENED, ASSIGNED, STARTED, STOPPED), Status.READY),
        ((REACHED,), (FACILITATION_OPENED, ASSIGNED, STARTED, MET), Status.FOLLOW_UP),
        ((REACHED, LOST), (FACILITATION_OPENED, ASSIGNED, DELIVERED), Status.FOLLOW_UP),
    ],
)
def test_the_status_follows_consent_and_facilitation_once_a_case_is_accepted(
    consent: tuple[Event, ...], facilitation: tuple[Event, ...], status: Status
) -> None:
    story = Story()
    told = {
        "referral": (requested(), SCREENED, ACCEPTED),
        "consent": (LEDGER_OPENED, *consent),
        "facilitation": facilitation,
    }
    for stream, events in told.items():
        story.tell(stream, *events)
    assert {document(CASE_STATUS, one).body["status"] for one in orders(story, 9)} == {status}
    story.tell("referral", ENDED)
    assert document(CASE_STATUS, story.told).body["status"] == Status.CLOSED


def test_one_document_per_case_says_who_may_see_it() -> None:
    story = Story()
    first = story.tell("referral", requested(organisation=POLICE), controller=HUB)
    folding(CASE_STATUS)(first).then(
        {
            "controllers": [HUB],
            "requesters": [POLICE],
            "assigned": {},
            "team": [],
            "organisations": sorted([HUB, POLICE]),
            "status": "requested",
            "open": True,
            "setting": "post_court",
            "referral": {
                "requested_at": "2026-03-02T10:00:00.000000+00:00",
                "setting": "post_court",
                "initiated_by": "victim",
                "victim_request": True,
                "asked_later": [],
                "asked_at_once": [str(VICTIM.participant_id)],
                "asked_by": {},
                "people": {
                    str(VICTIM.participant_id): {"role": "victim", "age_band": "over_64"},
                    str(OFFENDER.participant_id): {"role": "offender", "age_band": "over_64"},
                },
            },
        }
    )


@pytest.mark.parametrize(
    ("facilitation", "sees"),
    [
        ((ASSIGNED,), {HUB, POLICE, HOUSING}),
        ((ASSIGNED, UNASSIGNED), {HUB, POLICE}),
        ((ASSIGNED, UNASSIGNED, ASSIGNED), {HUB, POLICE, HOUSING}),
    ],
)
def test_an_organisation_sees_a_case_for_as_long_as_its_facilitator_works_on_it(
    facilitation: tuple[Event, ...], sees: set[UUID]
) -> None:
    theirs = [
        one.model_copy(update={"organisation": HOUSING}) if one is ASSIGNED else one
        for one in facilitation
    ]
    story = Story()
    story.tell("referral", requested(organisation=POLICE), ACCEPTED, controller=HUB)
    story.tell("consent", LEDGER_OPENED, controller=HUB)
    story.tell("facilitation", FACILITATION_OPENED, *theirs, controller=HUB)
    for order in orders(story, 9):
        assert document(CASE_STATUS, order).body["organisations"] == sorted(sees)


def test_a_request_that_was_linked_names_the_first_case() -> None:
    assert shown(LINKED).duplicate_of == an_id("first case")
    assert shown(LINKED).setting is Setting.FAMILY


def test_a_hold_is_shown_with_when_it_is_looked_at_again() -> None:
    assert shown(requested(), HELD).hold == Hold(
        reason=HoldReason.CRIMINAL_PROCESS, review_at=UNTIL
    )
    assert shown(requested(), HELD, CaseResumed()).hold is None


def test_how_a_case_ended_is_shown_to_staff_alone() -> None:
    story = Story()
    for event in (requested(), SCREENED, ACCEPTED, ENDED):
        story.tell("referral", event)
    found = document(CASE_STATUS, story.told)
    assert case_status(found, with_consents=True).outcome is CloseCode.OFFENDER_WITHDREW
    others = case_status(found, with_consents=False)
    assert others.outcome is None
    assert others.closed_at is not None


def test_a_duplicate_names_the_case_that_goes_on() -> None:
    other = CaseId(an_id("first case"))
    ended = CaseClosed(outcome=CloseCode.DUPLICATE, duplicate_of=other)
    assert shown(requested(), ended).duplicate_of == other


def test_participants_are_counted_by_role() -> None:
    second = ParticipantAdded(
        **(VICTIM.model_dump() | {"participant_id": an_id("second victim")}), needs=()
    )
    gone = ParticipantRemoved(participant_id=OFFENDER.participant_id, role=OFFENDER.role)
    assert shown(requested()).participants == {"victim": 1, "offender": 1}
    assert shown(requested(), second).participants == {"victim": 2, "offender": 1}
    assert shown(requested(), second, gone).participants == {"victim": 2}


def test_it_tells_up_to_where_each_stream_is_told() -> None:
    story = agreed_and_lost()
    found = case_status(document(CASE_STATUS, story.told), with_consents=False)
    assert found.versions == {
        f"referral-{CASE}": 4,
        f"consent-{CASE}": 9,
        f"facilitation-{CASE}": 4,
    }
    assert found.facilitation_open
    assert not found.parked


def test_the_screening_and_the_moments_are_shown() -> None:
    found = shown(requested(), SCREENED, ACCEPTED)
    assert (found.complexity, found.min_level) == (SCREENED.complexity, SCREENED.min_level)
    assert found.decided_at is not None
    assert found.requested_at < found.decided_at


def test_methods_that_everybody_agrees_to_come_and_go() -> None:
    video = REACHED.model_copy(update={"method": Method.VIDEO})
    opened = (LEDGER_OPENED, REACHED, video)
    assert shown(requested(), consent=opened).agreed_methods == (Method.VIDEO, LETTER)
    assert shown(requested(), consent=(*opened, LOST)).agreed_methods == (Method.VIDEO,)


def test_what_people_said_is_left_out_unless_asked_for() -> None:
    story = agreed_and_lost()
    assert case_status(document(CASE_STATUS, story.told), with_consents=False).consents is None


def test_who_was_informed_and_who_can_decide_is_shown() -> None:
    lacking = CapacityRecorded(participant_id=VICTIM.participant_id, result=Capacity.LACKS_CAPACITY)
    events = (LEDGER_OPENED, told_all(VICTIM), told_all(VICTIM), lacking)
    people = {one.role: one for one in shown(requested(), consent=events).consents or ()}
    assert people[ParticipantRole.VICTIM].informed
    assert people[ParticipantRole.VICTIM].lacks_capacity
    assert not people[ParticipantRole.OFFENDER].informed
    able = lacking.model_copy(update={"result": Capacity.HAS_CAPACITY_WITH_SUPPORT})
    again = shown(requested(), consent=(*events, able)).consents or ()
    assert not any(one.lacks_capacity for one in again)


class TestAnswers:
    BESIDE = yes(VICTIM, given_by=PARENT)

    def test_there_is_none_before_somebody_spoke(self) -> None:
        assert answers() == ()

    def test_a_yes_shows_until_when(self) -> None:
        assert answers(yes(VICTIM, Method.VIDEO, LETTER)) == (
            said(Said.YES, Method.VIDEO),
            said(Said.YES),
        )

    def test_a_confirmed_yes_shows_its_new_end(self) -> None:
        later = UNTIL + timedelta(days=30)
        confirmed = review(ConsentReconfirmed, LETTER, until=later)
        [answer] = answers(yes(VICTIM), confirmed)
        assert (answer.said, answer.valid_until) == (Said.YES, later)

    def test_a_changed_yes_shows_what_it_is_to_now(self) -> None:
        changed = review(ConsentVaried, Method.VIDEO)
        after = (said(Said.YES, Method.VIDEO), said(Said.ENDED))
        assert answers(yes(VICTIM), changed) == after

    def test_a_yes_that_was_not_confirmed_shows_as_ended(self) -> None:
        gone = ConsentExpired(
            consent_id=ConsentId(an_id("consent")),
            participant_id=VICTIM.participant_id,
            methods=(LETTER,),
        )
        assert answers(yes(VICTIM), gone) == (said(Said.ENDED),)

    def test_a_yes_to_research_is_not_confirmed_as_one_to_taking_part(self) -> None:
        research = yes(VICTIM, purposes=(Purpose.RESEARCH,))
        assert answers(research, review(ConsentReconfirmed, LETTER)) == ()

    def test_a_yes_ends_when_its_giver_was_not_informed_after_all(self) -> None:
        mistaken = EntryCorrected(entry=an_id("entry"), entry_version=2)
        assert answers(told_all(VICTIM), yes(VICTIM), mistaken) == (said(Said.ENDED),)
        twice = (told_all(VICTIM), told_all(VICTIM), yes(VICTIM), mistaken)
        assert answers(*twice) == (said(Said.YES),)
        people = shown(requested(), consent=(LEDGER_OPENED, told_all(VICTIM), mistaken)).consents
        assert not any(one.informed for one in people or ())

    def test_a_yes_to_research_alone_is_none_to_taking_part(self) -> None:
        assert answers(yes(VICTIM, purposes=(Purpose.RESEARCH,))) == ()

    def test_a_no_and_a_withdrawal_show_as_the_last_word(self) -> None:
        no = ConsentDeclined(participant_id=VICTIM.participant_id, methods=(LETTER,))
        assert answers(yes(VICTIM), no) == (said(Said.NO),)
        assert answers(yes(VICTIM), withdrawn(VICTIM, LETTER)) == (said(Said.WITHDRAWN),)
        assert answers(no, yes(VICTIM)) == (said(Said.YES),)

    def test_a_no_to_one_method_leaves_the_others(self) -> None:
        both = yes(VICTIM, Method.VIDEO, LETTER)
        assert answers(both, withdrawn(VICTIM, LETTER)) == (
            said(Said.YES, Method.VIDEO),
            said(Said.WITHDRAWN),
        )

    def test_a_representative_is_shown_beside_the_participant(self) -> None:
        both = {said(Said.YES), said(Said.YES, giver=PARENT)}
        assert set(answers(self.BESIDE, yes(VICTIM))) == both

    def test_a_withdrawal_ends_what_a_representative_said(self) -> None:
        after = {said(Said.WITHDRAWN), said(Said.ENDED, giver=PARENT)}
        assert set(answers(self.BESIDE, yes(VICTIM), withdrawn(VICTIM, LETTER))) == after

    def test_a_representatives_withdrawal_ends_what_they_said_and_no_more(self) -> None:
        parents = withdrawn(VICTIM, LETTER).model_copy(update={"participant_id": PARENT})
        both = yes(VICTIM, Method.VIDEO, LETTER, given_by=PARENT)
        assert set(answers(both, yes(VICTIM), parents)) == {
            said(Said.YES, Method.VIDEO, giver=PARENT),
            said(Said.ENDED, giver=PARENT),
            said(Said.YES),
        }

    def test_what_a_representative_said_ends_with_their_part(self) -> None:
        ended = RepresentativeEnded(
            participant_id=VICTIM.participant_id,
            representative_id=PARENT,
            cause=RepresentativeEndCause.REPLACED,
        )
        after = {said(Said.YES), said(Said.ENDED, giver=PARENT)}
        assert set(answers(self.BESIDE, yes(VICTIM), ended)) == after

    def test_a_yes_ends_when_somebody_can_decide_no_longer(self) -> None:
        lacking = CapacityRecorded(
            participant_id=VICTIM.participant_id, result=Capacity.LACKS_CAPACITY
        )
        parents = lacking.model_copy(update={"participant_id": PARENT})
        no = withdrawn(VICTIM, Method.VIDEO)
        assert answers(yes(VICTIM), no, lacking) == (
            said(Said.WITHDRAWN, Method.VIDEO),
            said(Said.ENDED),
        )
        assert answers(self.BESIDE, parents) == (said(Said.ENDED, giver=PARENT),)

    def test_a_yes_ends_when_somebody_leaves(self) -> None:
        left = ParticipantsNoted(participants=(OFFENDER,))
        stays = ParticipantsNoted(participants=(VICTIM, SUPPORTER))
        assert answers(self.BESIDE, stays) == (said(Said.ENDED, giver=PARENT),)
        assert answers(yes(VICTIM), left) == (said(Said.ENDED),)
        assert answers(yes(VICTIM), stays) == (said(Said.YES),)


def test_the_order_of_events_that_did_not_cause_each_other_does_not_matter() -> None:
    story = agreed_and_lost()
    expected = document(CASE_STATUS, story.told)
    assert all(document(CASE_STATUS, order) == expected for order in orders(story, 40))


def test_a_document_is_the_same_whether_it_was_stored_in_between_or_not() -> None:
    story = agreed_and_lost()
    assert in_memory(CASE_STATUS, story.told) == document(CASE_STATUS, story.told).body


def test_a_stream_that_is_not_known_here_changes_nothing_but_who_sees() -> None:
    story = Story()
    story.tell("referral", requested())
    before = document(CASE_STATUS, story.told).body
    story.tell("elsewhere", FACILITATION_OPENED)
    assert document(CASE_STATUS, story.told).body == before
