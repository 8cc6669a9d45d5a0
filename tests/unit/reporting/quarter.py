"""Many cases, told shortly: which steps each took, and on which day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts import facilitation
from contracts.consent import ConsentQuorumReached
from contracts.envelope import Event
from contracts.facilitation.aftercare import (
    ConcernKind,
    OnwardDuty,
    OutcomeAgreementReached,
    SafetyConcernRaised,
    Severity,
)
from contracts.facilitation.exchange import Direction, LetterDelivered, MessageRelayed
from contracts.facilitation.ids import AgreementId, ConcernId, LetterId, MeetingId, MessageId
from contracts.facilitation.meeting import MeetingHeld, MeetingStopped, StopReason
from contracts.facilitation.preparation import (
    PreparationMeetingHeld,
    PreparationMode,
    Readiness,
)
from contracts.fields import ActorId, ParticipantId
from contracts.referral import ReferralDeclined
from contracts.referral_course import (
    CaseClosed,
    CloseCode,
    ContactChannel,
    ContactOutcome,
    NextStep,
    ParticipantContacted,
)
from contracts.terms import ActivityId, ClearanceId, Method, Setting
from kernel.project.port import Document
from kernel.testing.spec import an_id
from services.reporting.kpi.figure import Entry, entry
from services.reporting.kpi.figures import NAMED
from services.reporting.kpi.tally import Cell, Place, table
from services.reporting.projections.milestones.project import MILESTONES
from services.reporting.projections.milestones.query import Milestones, milestones
from tests.unit.reporting.story import (
    ACCEPTED,
    REACHED,
    SCREENED,
    SIDES,
    Story,
    document,
    requested,
)

FIRST = datetime(2026, 3, 2, 10, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
DECLINED = ReferralDeclined(reasons=(), signposted_to=())
STREAMS: dict[type[Event], str] = {
    ConsentQuorumReached: "consent",
    **dict.fromkeys(facilitation.EVENTS, "facilitation"),
}


def contacted(outcome: ContactOutcome, at: datetime) -> ParticipantContacted:
    return ParticipantContacted(
        participant_id=ParticipantId(an_id("victim")),
        attempt_no=1,
        channel=ContactChannel.TELEPHONE,
        outcome=outcome,
        next_step=NextStep.INFORMATION,
        contacted_at=at,
    )


def prepared() -> PreparationMeetingHeld:
    return PreparationMeetingHeld(
        participant_id=ParticipantId(an_id("victim")),
        individual=True,
        mode=PreparationMode.IN_PERSON,
        aims=(),
        readiness=Readiness.READY,
        accompanied_by=(),
    )


def met(method: Method = Method.FACE_TO_FACE, meeting: str = "meeting") -> MeetingHeld:
    return MeetingHeld(
        meeting_id=MeetingId(an_id(meeting)), method=method, attendance=SIDES, minutes=60
    )


def stopped() -> MeetingStopped:
    return MeetingStopped(
        meeting_id=MeetingId(an_id("meeting")),
        method=Method.FACE_TO_FACE,
        reason=StopReason.CONSENT_WITHDRAWN,
    )


def delivered(letter: str = "letter") -> LetterDelivered:
    return LetterDelivered(
        letter_id=LetterId(an_id(letter)),
        method=Method.LETTER,
        direction=Direction.TO_HARMED,
        attendees=SIDES,
        cleared_by=ClearanceId(an_id("clearance")),
        risk_version=1,
    )


def relayed() -> MessageRelayed:
    return MessageRelayed(
        message_id=MessageId(an_id("message")),
        method=Method.SHUTTLE,
        direction=Direction.TO_HARMED,
        attendees=SIDES,
        count=1,
        cleared_by=ClearanceId(an_id("clearance")),
        risk_version=1,
    )


def concern(kind: ConcernKind, activity: str) -> SafetyConcernRaised:
    return SafetyConcernRaised(
        concern_id=ConcernId(an_id("concern")),
        severity=Severity.HIGH,
        kind=kind,
        onward_duty=OnwardDuty.NONE,
        raised_by=ActorId(an_id("system")),
        activity_id=ActivityId(an_id(activity)),
    )


def agreement() -> OutcomeAgreementReached:
    return OutcomeAgreementReached(
        agreement_id=AgreementId(an_id("agreement")), items=(), all_assented=True
    )


def closed(code: CloseCode) -> CaseClosed:
    return CaseClosed(outcome=code)


def case(
    name: str,
    *events: Event,
    days: int = 0,
    at: datetime = FIRST,
    setting: Setting = Setting.FAMILY,
    **fields: Any,
) -> Story:
    """A case requested so many days after the first, an event a day."""
    story = Story(case=an_id(name), now=at + timedelta(days=days))
    for event in (requested(setting=setting, **fields), *events):
        story.tell(STREAMS.get(type(event), "referral"), event)
        story.now += timedelta(days=1)
    return story


def agreed(name: str, *events: Event, **fields: Any) -> Story:
    return case(name, SCREENED, ACCEPTED, REACHED, *events, **fields)


def kept(story: Story) -> Document:
    return document(MILESTONES, story.told)


def told(stories: Iterable[Story]) -> list[Milestones]:
    return [one for one in map(milestones, map(kept, stories)) if one]


def entries(name: str, stories: Iterable[Story], now: datetime = NOW) -> Iterator[Entry]:
    for one in told(stories):
        if found := entry(NAMED[name], one, now):
            yield found


def whole(name: str, stories: Iterable[Story], now: datetime = NOW) -> Cell:
    """The figure over all settings and months."""
    return table(entries(name, stories, now)).get(Place(), Cell())
