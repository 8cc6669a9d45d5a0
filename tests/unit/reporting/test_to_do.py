"""What there is to do in a case, by when, and by which rule."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.common import EntryCorrected
from contracts.consent import ConsentGiven
from contracts.envelope import Event
from contracts.facilitation.aftercare import (
    AgreementItem,
    AgreementItemCompleted,
    AgreementItemMissed,
    AgreementItemVaried,
    ConcernKind,
    ConcernOutcome,
    FollowUpHeld,
    FollowUpWave,
    ItemType,
    SafetyConcernResolved,
    Wellbeing,
)
from contracts.facilitation.ids import (
    AgreementId,
    ConcernId,
    FacilitatorId,
    ItemId,
    MeetingId,
    ReservationId,
    VenueRef,
)
from contracts.facilitation.meeting import (
    CancelledBy,
    CancelReason,
    MeetingCancelled,
    MeetingScheduled,
)
from contracts.facilitation.preparation import (
    ApproverLevel,
    EscalationReason,
    RiskAssessed,
    RiskEscalated,
    RiskLevel,
)
from contracts.facilitation.team import (
    FacilitatorAssigned,
    FacilitatorUnassigned,
    TeamPart,
    UnassignReason,
)
from contracts.fields import ParticipantId
from contracts.referral import (
    HarmFlag,
    InitiatedBy,
    ParticipantAdded,
    ParticipantRemoved,
    VictimRequestRecorded,
)
from contracts.referral_course import CaseHeld, CaseResumed, CloseCode, ContactOutcome, HoldReason
from contracts.terms import Level, Method
from kernel.decider import Rule
from kernel.testing.orders import order_does_not_matter
from kernel.testing.spec import CASE, an_id
from services.reporting.projections.to_do import deadlines
from services.reporting.projections.to_do.project import TO_DO
from services.reporting.projections.to_do.tasks import tasks
from tests.support_http import POLICE
from tests.unit.reporting.quarter import (
    FIRST,
    agreement,
    case,
    closed,
    concern,
    contacted,
    met,
)
from tests.unit.reporting.story import (
    ACCEPTED,
    LEDGER_OPENED,
    OFFENDER,
    REACHED,
    SCREENED,
    SIDES,
    VICTIM,
    Story,
    agreed_and_lost,
    document,
    withdrawn,
    yes,
)

DAY = timedelta(days=1)
LATER = FIRST + 30 * DAY
MEETING = MeetingId(an_id("meeting"))
FACILITATOR = FacilitatorId(an_id("actor facilitator"))
ITEM = AgreementItem(
    item_id=ItemId(an_id("item")),
    type=ItemType.REPAIR,
    due_at=LATER,
    by=OFFENDER.participant_id,
)
Due = dict[str, datetime | None]


def to_do(story: Story) -> Due:
    """What is to be done, by the rule's id; the earliest where there are several."""
    found: Due = {}
    for one in tasks(document(TO_DO, story.told).body):
        found.setdefault(one.rule.id, one.due_at)
    return found


def due(rule: Rule, *events: Event, **fields: object) -> datetime | None:
    """By when it is due in a case of these events; it must be."""
    found = to_do(case("one", *events, **fields))  # type: ignore[arg-type]
    assert rule.id in found, found
    return found[rule.id]


def is_due(rule: Rule, *events: Event, **fields: object) -> bool:
    return rule.id in to_do(case("one", *events, **fields))  # type: ignore[arg-type]


def reached(at: datetime) -> Event:
    return contacted(ContactOutcome.REACHED, at).model_copy(
        update={"participant_id": VICTIM.participant_id}
    )


HELD = CaseHeld(reason=HoldReason.COURT_DEFERRAL, review_at=LATER)
ASSIGNED = FacilitatorAssigned(
    facilitator_id=FACILITATOR,
    part=TeamPart.LEAD,
    level=Level.ADVANCED,
    organisation=POLICE,
    reservation_id=ReservationId(an_id("reservation")),
)
UNASSIGNED = FacilitatorUnassigned(
    facilitator_id=FACILITATOR,
    part=TeamPart.LEAD,
    reason=UnassignReason.WORKLOAD,
    reservation_id=ReservationId(an_id("reservation")),
)
ASSESSED = RiskAssessed(
    risk_version=1,
    level=RiskLevel.LOW,
    mitigations=(),
    bars=(),
    valid_until=LATER,
    assessed_by=FACILITATOR,
    approver_level=ApproverLevel.FACILITATOR,
)
GROWN = RiskEscalated(reason=EscalationReason.THREAT, risk_version=1)
SCHEDULED = MeetingScheduled(
    meeting_id=MEETING,
    method=Method.FACE_TO_FACE,
    starts_at=LATER,
    ends_at=LATER + timedelta(hours=1),
    venue_ref=VenueRef(an_id("venue")),
    attendees=SIDES,
    bookings=(),
    consent_version=1,
    risk_version=1,
)
CANCELLED = MeetingCancelled(
    meeting_id=MEETING,
    method=Method.FACE_TO_FACE,
    reason=CancelReason.RISK,
    cancelled_by=CancelledBy.HUB,
)
AGREEMENT = agreement().model_copy(update={"items": (ITEM,)})
COMPLETED = AgreementItemCompleted(
    agreement_id=AgreementId(an_id("agreement")), item_id=ITEM.item_id
)
MISSED = AgreementItemMissed(agreement_id=COMPLETED.agreement_id, item_id=ITEM.item_id)
VARIED = AgreementItemVaried(
    agreement_id=COMPLETED.agreement_id,
    item_id=ITEM.item_id,
    type=ItemType.REPAIR,
    due_at=LATER + DAY,
    by=OFFENDER.participant_id,
)
CONCERN = concern(ConcernKind.OTHER, "meeting")
SETTLED = SafetyConcernResolved(
    concern_id=ConcernId(an_id("concern")), outcome=ConcernOutcome.MADE_SAFE
)


class TestReferral:
    @pytest.mark.rule("DUE-01")
    def test_a_screening_is_due_after_two_working_days(self) -> None:
        before_easter = datetime(2026, 4, 2, 10, tzinfo=UTC)
        assert due(deadlines.SCREENING, at=before_easter) == datetime(2026, 4, 8, 23, tzinfo=UTC)
        assert not is_due(deadlines.SCREENING, SCREENED)

    @pytest.mark.rule("DUE-04")
    def test_a_hold_is_looked_at_on_its_day(self) -> None:
        assert due(deadlines.HOLD_REVIEW, SCREENED, HELD) == LATER
        assert not is_due(deadlines.HOLD_REVIEW, SCREENED, HELD, CaseResumed())

    def test_a_hold_stops_the_screening_and_blocks_the_acceptance(self) -> None:
        assert not is_due(deadlines.SCREENING, HELD)
        assert due(deadlines.HELD, HELD) is None
        assert not is_due(deadlines.HELD, SCREENED, ACCEPTED, HELD)

    def test_an_offenders_wish_is_blocked_until_a_victim_asks(self) -> None:
        wish = {"initiated_by": InitiatedBy.OFFENDER, "victim_request": False}
        asked = VictimRequestRecorded(participant_id=VICTIM.participant_id)
        assert due(deadlines.VICTIM_ASKS, **wish) is None
        assert not is_due(deadlines.VICTIM_ASKS, asked, **wish)

    def test_what_somebody_asked_for_goes_with_them(self) -> None:
        other = VICTIM.model_copy(update={"participant_id": ParticipantId(an_id("other"))})
        joined = ParticipantAdded(**other.model_dump(), needs=())
        left = ParticipantRemoved(participant_id=VICTIM.participant_id, role=VICTIM.role)
        asked, also = (
            VictimRequestRecorded(participant_id=one.participant_id) for one in (VICTIM, other)
        )
        unasked = {"victim_request": False}
        assert is_due(deadlines.VICTIM_ASKS, joined, asked, left, **unasked)
        assert not is_due(deadlines.VICTIM_ASKS, joined, asked, also, left, **unasked)
        assert is_due(deadlines.VICTIM_ASKS, joined, left)
        named = {"participants": (VICTIM, other, OFFENDER)}
        assert not is_due(deadlines.VICTIM_ASKS, left, **named)

    def test_nothing_is_listed_of_a_case_that_is_over(self) -> None:
        body = document(TO_DO, case("one", closed(CloseCode.UNSAFE)).told).body
        assert body["open"] is False


class TestContact:
    @pytest.mark.rule("DUE-02")
    def test_a_first_contact_is_due_after_five_working_days_and_two_where_it_is_urgent(
        self,
    ) -> None:
        monday = datetime(2026, 3, 10, tzinfo=UTC)
        assert due(deadlines.FIRST_CONTACT) == monday
        flags = {"harm_flags": (HarmFlag.HATE,)}
        assert due(deadlines.FIRST_CONTACT, **flags) == datetime(2026, 3, 5, tzinfo=UTC)

    def test_only_who_was_harmed_is_waiting_for_it(self) -> None:
        body = document(TO_DO, case("one").told).body
        waiting = [one.who for one in tasks(body) if one.rule is deadlines.FIRST_CONTACT]
        assert waiting == [str(VICTIM.participant_id)]

    @pytest.mark.rule("DUE-03")
    def test_the_next_contact_is_due_28_days_after_the_last(self) -> None:
        events = (reached(FIRST + DAY), reached(FIRST + 3 * DAY))
        assert due(deadlines.CONTACT_GAP, *events) == FIRST + 31 * DAY
        assert not is_due(deadlines.FIRST_CONTACT, *events)

    def test_whoever_objects_is_left_alone(self) -> None:
        objection = contacted(ContactOutcome.OBJECTED, FIRST + DAY).model_copy(
            update={"participant_id": VICTIM.participant_id}
        )
        assert not is_due(deadlines.CONTACT_GAP, objection)

    def test_a_contact_that_was_a_mistake_leaves_the_first_one_due(self) -> None:
        story = case("one", reached(FIRST + DAY))
        mistaken = story.told[-1].envelope
        story.tell("referral", EntryCorrected(entry=mistaken.id, entry_version=2))
        assert deadlines.FIRST_CONTACT.id in to_do(story)


class TestConsent:
    def told(self, *events: Event) -> Due:
        story = case("one", SCREENED, ACCEPTED)
        for event in (LEDGER_OPENED, *events):
            story.tell("consent", event)
        return to_do(story)

    def test_an_accepted_case_waits_until_everybody_agrees(self) -> None:
        assert self.told()[deadlines.BOTH_AGREE.id] is None
        assert deadlines.BOTH_AGREE.id not in self.told(REACHED)

    @pytest.mark.rule("DUE-05")
    def test_a_yes_is_confirmed_before_it_ends(self) -> None:
        until = {"valid_until": LATER}
        said: tuple[ConsentGiven, ...] = (yes(VICTIM, Method.LETTER, **until),)
        assert self.told(*said)[deadlines.CONSENT_ENDS.id] == LATER
        assert deadlines.CONSENT_ENDS.id not in self.told(*said, withdrawn(VICTIM))


class TestFacilitation:
    @pytest.mark.rule("DUE-11")
    def test_an_accepted_case_needs_a_facilitator(self) -> None:
        story = case("one", SCREENED, ACCEPTED)
        assert to_do(story)[deadlines.TEAM.id] == story.told[-1].envelope.happened_at
        assert not is_due(deadlines.TEAM, SCREENED, ACCEPTED, ASSIGNED)
        assert is_due(deadlines.TEAM, SCREENED, ACCEPTED, ASSIGNED, UNASSIGNED)

    @pytest.mark.rule("DUE-06")
    def test_a_risk_is_assessed_before_it_ends_and_at_once_when_it_has_grown(self) -> None:
        assert due(deadlines.RISK_ENDS, ASSESSED) == LATER
        story = case("one", ASSESSED, GROWN)
        assert to_do(story)[deadlines.RISK_ENDS.id] == story.told[-1].envelope.happened_at

    @pytest.mark.rule("DUE-10")
    def test_a_concern_is_settled_at_once(self) -> None:
        story = case("one", CONCERN)
        assert to_do(story)[deadlines.CONCERN.id] == story.told[-1].envelope.happened_at

    @pytest.mark.rule("DUE-07", "DUE-08", "DUE-10")
    @pytest.mark.parametrize(
        ("rule", "begins", "ends"),
        [
            (deadlines.MEETING, SCHEDULED, CANCELLED),
            (deadlines.MEETING, SCHEDULED, met()),
            (deadlines.AGREEMENT_ITEM, AGREEMENT, COMPLETED),
            (deadlines.CONCERN, CONCERN, SETTLED),
        ],
    )
    def test_what_was_begun_is_to_be_ended(self, rule: Rule, begins: Event, ends: Event) -> None:
        assert is_due(rule, begins)
        assert not is_due(rule, begins, ends)

    @pytest.mark.parametrize(
        ("rule", "events"),
        [
            (deadlines.AGREEMENT_ITEM, (AGREEMENT, COMPLETED)),
            (deadlines.RISK_ENDS, (ASSESSED, GROWN)),
        ],
    )
    def test_a_mistake_takes_back_what_it_ended(
        self, rule: Rule, events: tuple[Event, ...]
    ) -> None:
        story = case("one", *events)
        mistaken = story.told[-1].envelope
        story.tell(
            "facilitation", EntryCorrected(entry=mistaken.id, entry_version=mistaken.version)
        )
        assert to_do(story)[rule.id] == LATER

    @pytest.mark.rule("DUE-08")
    @pytest.mark.parametrize("seen_to", [MISSED, COMPLETED])
    def test_an_item_that_is_varied_is_due_again_on_its_new_day(self, seen_to: Event) -> None:
        assert due(deadlines.AGREEMENT_ITEM, AGREEMENT, seen_to, VARIED) == LATER + DAY
        assert not is_due(deadlines.AGREEMENT_ITEM, AGREEMENT, seen_to, VARIED, MISSED)

    def test_an_item_of_which_one_entry_was_a_mistake_is_seen_to_by_the_other(self) -> None:
        story = case("one", AGREEMENT, MISSED, COMPLETED)
        mistaken = story.told[-2].envelope
        story.tell(
            "facilitation", EntryCorrected(entry=mistaken.id, entry_version=mistaken.version)
        )
        assert deadlines.AGREEMENT_ITEM.id not in to_do(story)

    @pytest.mark.rule("DUE-07", "DUE-08")
    def test_a_meeting_is_due_when_it_begins_and_an_item_when_it_was_to_be_done(self) -> None:
        assert due(deadlines.MEETING, SCHEDULED) == LATER
        assert due(deadlines.AGREEMENT_ITEM, AGREEMENT) == LATER

    @pytest.mark.rule("DUE-09")
    def test_each_who_took_part_is_asked_twice_how_they_fare(self) -> None:
        asked = [
            FollowUpHeld(participant_id=who, wave=wave, wellbeing=Wellbeing.SAME)
            for wave in FollowUpWave
            for who in SIDES
        ]
        story = case("one", met())
        at = story.told[-1].envelope.happened_at
        assert due(deadlines.FOLLOW_UP, met()) == at + timedelta(weeks=6)
        assert due(deadlines.FOLLOW_UP, met(), asked[0]) == at + timedelta(weeks=6)
        assert due(deadlines.FOLLOW_UP, met(), *asked[:2]) == at + timedelta(days=183)
        assert not is_due(deadlines.FOLLOW_UP, met(), *asked)


def test_the_order_of_concurrent_events_does_not_matter() -> None:
    story = agreed_and_lost()
    for event in (ASSIGNED, ASSESSED, SCHEDULED, met(), AGREEMENT):
        story.tell("facilitation", event)
    story.tell("referral", reached(FIRST))
    assert order_does_not_matter(TO_DO, story.told)[CASE] == document(TO_DO, story.told).body


def test_what_blocks_is_said_in_the_words_of_the_service_that_refuses() -> None:
    root = Path(deadlines.__file__).parents[4]
    theirs: dict[str, Rule] = {}
    for path in root.glob("services/*/domain/*/*rules.py"):
        place = ".".join(path.relative_to(root).with_suffix("").parts)
        theirs |= {one.id: one for one in importlib.import_module(place).RULES}
    assert [theirs[one.id] for one in deadlines.BLOCKING] == list(deadlines.BLOCKING)
