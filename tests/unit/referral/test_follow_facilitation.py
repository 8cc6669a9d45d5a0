"""The referral hears what is open in facilitation, and what was reached."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.common import EntryCorrected
from contracts.envelope import Event
from contracts.facilitation import aftercare, exchange, meeting
from contracts.facilitation.ids import (
    AgreementId,
    ConcernId,
    ItemId,
    LetterId,
    MeetingId,
    VenueRef,
)
from contracts.fields import ActorId, ParticipantId
from contracts.terms import ClearanceId, Method
from kernel.process.policy import Send
from kernel.testing.spec import CASE, NOW, an_id, history, reacting, recorded
from services.referral.domain.referral.course_commands import NoteFacilitation
from services.referral.policies.follow_facilitation import FOLLOW_FACILITATION, of_facilitation
from tests.unit.referral.course import noted

given = reacting(FOLLOW_FACILITATION)

MEETING, ITEM = MeetingId(an_id("meeting")), ItemId(an_id("item"))
CONCERN, AGREEMENT = ConcernId(an_id("concern")), AgreementId(an_id("agreement"))
WAY: dict[str, Any] = {"meeting_id": MEETING, "method": Method.VIDEO}
SCHEDULED = meeting.MeetingScheduled(
    **WAY,
    starts_at=NOW,
    ends_at=NOW,
    venue_ref=VenueRef(an_id("venue")),
    attendees=(),
    bookings=(),
    consent_version=1,
    risk_version=1,
)
HELD = meeting.MeetingHeld(**WAY, attendance=(), minutes=60)
CANCELLED = meeting.MeetingCancelled(
    **WAY, reason=meeting.CancelReason.OTHER, cancelled_by=meeting.CancelledBy.HUB
)
STOPPED = meeting.MeetingStopped(**WAY, reason=meeting.StopReason.SAFETY)
NOT_HELD = meeting.MeetingNotHeld(**WAY, reason=meeting.NotHeldReason.RISK)
DELIVERED = exchange.LetterDelivered(
    letter_id=LetterId(an_id("letter")),
    method=Method.LETTER,
    direction=exchange.Direction.TO_HARMED,
    attendees=(),
    cleared_by=ClearanceId(an_id("clearance")),
    risk_version=1,
)
AGREED = aftercare.OutcomeAgreementReached(
    agreement_id=AGREEMENT,
    items=(
        aftercare.AgreementItem(
            item_id=ITEM,
            type=aftercare.ItemType.APOLOGY,
            due_at=NOW,
            by=ParticipantId(an_id("offender")),
        ),
    ),
    all_assented=True,
)
DONE = aftercare.AgreementItemCompleted(agreement_id=AGREEMENT, item_id=ITEM)
MISSED = aftercare.AgreementItemMissed(agreement_id=AGREEMENT, item_id=ITEM)
VARIED = aftercare.AgreementItemVaried(
    agreement_id=AGREEMENT,
    item_id=ITEM,
    type=aftercare.ItemType.REPAIR,
    due_at=NOW,
    by=ParticipantId(an_id("offender")),
)
MISTAKEN = EntryCorrected(entry=an_id("entry"), entry_version=2)
RAISED = aftercare.SafetyConcernRaised(
    concern_id=CONCERN,
    severity=aftercare.Severity.LOW,
    kind=aftercare.ConcernKind.OTHER,
    onward_duty=aftercare.OnwardDuty.NONE,
    raised_by=ActorId(an_id("facilitator")),
)
RESOLVED = aftercare.SafetyConcernResolved(
    concern_id=CONCERN, outcome=aftercare.ConcernOutcome.UNFOUNDED
)


@pytest.mark.parametrize(
    ("before", "event", "picture"),
    [
        ((), SCHEDULED, {"meetings": (MEETING,)}),
        ((SCHEDULED,), HELD, {"activity_held": True}),
        ((SCHEDULED,), CANCELLED, {}),
        ((SCHEDULED,), STOPPED, {}),
        ((SCHEDULED,), NOT_HELD, {}),
        ((), DELIVERED, {"activity_held": True}),
        ((), AGREED, {"agreement_items": (ITEM,), "agreement_reached": True}),
        ((AGREED,), DONE, {"agreement_reached": True}),
        ((AGREED,), MISSED, {"agreement_reached": True}),
        ((AGREED, DONE), MISTAKEN, {"agreement_items": (ITEM,), "agreement_reached": True}),
        ((AGREED, MISSED), VARIED, {"agreement_items": (ITEM,), "agreement_reached": True}),
        ((AGREED, DONE), VARIED, {"agreement_items": (ITEM,), "agreement_reached": True}),
        ((AGREED, MISSED, VARIED), DONE, {"agreement_reached": True}),
        ((), RAISED, {"safety_concerns": (CONCERN,)}),
        ((RAISED,), RESOLVED, {}),
        ((RAISED,), SCHEDULED, {"safety_concerns": (CONCERN,), "meetings": (MEETING,)}),
    ],
)
def test_the_whole_picture_is_told_each_time_it_changes(
    before: tuple[Event, ...], event: Event, picture: dict[str, Any]
) -> None:
    version = len(before) + 1
    told = noted(**picture, facilitation_version=version)
    given(*history(*before, stream="facilitation")).when(
        recorded(event, stream="facilitation", version=version)
    ).sends(Send("referral", CASE, NoteFacilitation(**told.model_dump())))


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ((DELIVERED,), DELIVERED),
        ((AGREED, DELIVERED), MISTAKEN),
        ((AGREED, DONE, MISTAKEN), MISTAKEN),
        ((AGREED, MISSED, DONE), MISTAKEN),
        ((AGREED, MISSED, VARIED), MISTAKEN),
        ((AGREED,), VARIED),
    ],
)
def test_what_changes_nothing_is_not_told(before: tuple[Event, ...], event: Event) -> None:
    again = recorded(event, stream="facilitation", version=len(before) + 1)
    given(*history(*before, stream="facilitation")).when(again).sends()


def test_an_item_that_was_open_though_seen_to_is_told_closed_by_the_next_event() -> None:
    seen_to = given(*history(AGREED, MISSED, DONE, MISTAKEN, stream="facilitation"))
    state = seen_to.when(recorded(DELIVERED, stream="facilitation", version=5)).state()
    picture = state.picture.model_copy(update={"agreement_items": (ITEM,)})
    left_open = state.model_copy(update={"picture": picture})
    after = FOLLOW_FACILITATION.react(
        left_open, recorded(DELIVERED, stream="facilitation", version=6)
    )
    told = noted(activity_held=True, agreement_reached=True, facilitation_version=6)
    assert after.sends == (Send("referral", CASE, NoteFacilitation(**told.model_dump())),)


def test_only_facilitation_is_followed() -> None:
    assert of_facilitation(f"facilitation-{CASE}") == CASE
    assert of_facilitation(f"facilitator-{CASE}") is None
