"""The people and the events of the casework specs; the case is ready unless told otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.envelope import Event
from contracts.facilitation.exchange import (
    Direction,
    LetterDrafted,
    LetterReviewed,
    ReviewResult,
)
from contracts.facilitation.ids import (
    FacilitatorId,
    LetterId,
    MeetingId,
    ReservationId,
    VenueRef,
)
from contracts.facilitation.meeting import Booking, MeetingHeld, MeetingScheduled, MeetingStarted
from contracts.facilitation.noted import (
    ClearanceNoted,
    ConsentLossNoted,
    ConsentQuorumNoted,
    FacilitationOpened,
)
from contracts.facilitation.preparation import (
    ApproverLevel,
    MethodAgreed,
    PreparationMeetingHeld,
    PreparationMode,
    Readiness,
    Responsibility,
    ResponsibilityRecorded,
    RiskAssessed,
    RiskLevel,
    VenueApproved,
    VenueType,
)
from contracts.facilitation.team import FacilitatorAssigned, TeamPart
from contracts.fields import OrganisationId, ParticipantId, Role
from contracts.referral import Complexity, Stage
from contracts.terms import (
    ActivityId,
    AgeBand,
    ClearanceId,
    Level,
    Method,
    Participant,
    ParticipantRole,
    Setting,
)
from kernel.testing.spec import HUB, NOW, an_id, deciding
from services.facilitation.domain.case.decide import CASE

given = deciding(CASE)

DAY = timedelta(days=1)
SCHOOL = OrganisationId(an_id("school"))
LEAD = FacilitatorId(an_id(f"actor {Role.FACILITATOR}"))  # so `.by(Role.FACILITATOR)` is the lead
CO = FacilitatorId(an_id("co-facilitator"))
FACE_TO_FACE, LETTER = Method.FACE_TO_FACE, Method.LETTER
HALL = VenueRef(an_id("hall"))
MEETING = MeetingId(an_id("the meeting"))
WRITTEN = LetterId(an_id("the letter"))
CLEARANCE = ClearanceId(an_id("the clearance"))
STARTS = NOW + 7 * DAY
ENDS = STARTS + timedelta(hours=2)


def someone(name: str, role: ParticipantRole) -> Participant:
    return Participant(
        participant_id=ParticipantId(an_id(name)), role=role, age_band=AgeBand.FROM_26_TO_64
    )


VICTIM = someone("victim", ParticipantRole.VICTIM)
OFFENDER = someone("offender", ParticipantRole.OFFENDER)
SUPPORTER = someone("supporter", ParticipantRole.SUPPORTER)
PARTY = someone("party", ParticipantRole.PARTY)
OTHER_PARTY = someone("other party", ParticipantRole.PARTY)
SIDES = (VICTIM, OFFENDER)


def ids(*people: Participant) -> tuple[ParticipantId, ...]:
    return tuple(one.participant_id for one in people)


BOTH = ids(*SIDES)


def opened(*people: Participant, **fields: Any) -> FacilitationOpened:
    values: dict[str, Any] = {
        "setting": Setting.FAMILY,
        "min_level": Level.INTERMEDIATE,
        "participants": people or SIDES,
        "controller": HUB,
        "organisation": SCHOOL,
        "complexity": Complexity.STANDARD,
        "stage": Stage.NOT_CRIMINAL,
    }
    return FacilitationOpened(**values | fields)


def quorum(
    method: Method = FACE_TO_FACE, *people: Participant, version: int = 5
) -> ConsentQuorumNoted:
    return ConsentQuorumNoted(
        method=method, participants=ids(*(people or SIDES)), consent_version=version
    )


def loss(method: Method = FACE_TO_FACE, version: int = 9) -> ConsentLossNoted:
    return ConsentLossNoted(method=method, participants=BOTH, consent_version=version)


def reservation(of: UUID, what: str = "case") -> ReservationId:
    return ReservationId(an_id(f"{of} for {what}"))


def assigned(
    who: FacilitatorId = LEAD, part: TeamPart = TeamPart.LEAD, level: Level = Level.ADVANCED
) -> FacilitatorAssigned:
    return FacilitatorAssigned(
        facilitator_id=who,
        part=part,
        level=level,
        organisation=HUB,
        reservation_id=reservation(who),
    )


def prepared(who: Participant, readiness: Readiness = Readiness.READY) -> PreparationMeetingHeld:
    return PreparationMeetingHeld(
        participant_id=who.participant_id,
        individual=True,
        mode=PreparationMode.IN_PERSON,
        aims=(),
        readiness=readiness,
        accompanied_by=(),
    )


def responsible(
    who: Participant = OFFENDER, how: Responsibility = Responsibility.PARTIAL
) -> ResponsibilityRecorded:
    return ResponsibilityRecorded(participant_id=who.participant_id, responsibility=how)


def assessed(number: int = 1, at: datetime = NOW, **fields: Any) -> RiskAssessed:
    values: dict[str, Any] = {
        "risk_version": number,
        "level": RiskLevel.LOW,
        "mitigations": (),
        "bars": (),
        "valid_until": at + 28 * DAY,
        "assessed_by": LEAD,
        "approver_level": ApproverLevel.FACILITATOR,
    }
    return RiskAssessed(**values | fields)


def method_agreed(method: Method = FACE_TO_FACE) -> MethodAgreed:
    return MethodAgreed(method=method, confirmations=())


VENUE = VenueApproved(
    venue_ref=HALL,
    type=VenueType.COMMUNITY,
    neutral=True,
    separate_arrival=True,
    exit=True,
    supporters_space=True,
)


def booking(who: FacilitatorId = LEAD, part: TeamPart = TeamPart.LEAD) -> Booking:
    return Booking(facilitator_id=who, part=part, reservation_id=reservation(who, "meeting"))


def scheduled(method: Method = FACE_TO_FACE, **fields: Any) -> MeetingScheduled:
    values: dict[str, Any] = {
        "meeting_id": MEETING,
        "method": method,
        "starts_at": STARTS,
        "ends_at": ENDS,
        "venue_ref": HALL,
        "attendees": BOTH,
        "bookings": (booking(),),
        "consent_version": 5,
        "risk_version": 2,
    }
    return MeetingScheduled(**values | fields)


def cleared(
    what: UUID = MEETING,
    method: Method = FACE_TO_FACE,
    attendees: tuple[ParticipantId, ...] = BOTH,
    version: int = 7,
    at: datetime = STARTS,
) -> ClearanceNoted:
    return ClearanceNoted(
        clearance_id=CLEARANCE,
        activity_id=ActivityId(what),
        method=method,
        attendees=attendees,
        cleared_at=at,
        consent_version=version,
    )


def started(method: Method = FACE_TO_FACE, *people: Participant) -> MeetingStarted:
    return MeetingStarted(
        meeting_id=MEETING,
        method=method,
        attendees=ids(*(people or SIDES)),
        cleared_by=CLEARANCE,
        risk_version=2,
    )


HELD = MeetingHeld(meeting_id=MEETING, method=FACE_TO_FACE, attendance=BOTH, minutes=90)


def ready(*more: Event, method: Method = FACE_TO_FACE) -> tuple[Event, ...]:
    """A case in which a meeting, or a letter, could be arranged now."""
    return (
        opened(),
        quorum(method),
        assigned(),
        prepared(VICTIM),
        prepared(OFFENDER),
        responsible(),
        assessed(1),
        method_agreed(method),
        assessed(2),
        VENUE,
        *more,
    )


def without(events: tuple[Event, ...], *kinds: type[Event]) -> tuple[Event, ...]:
    return tuple(one for one in events if not isinstance(one, kinds))


def running(*more: Event) -> tuple[Event, ...]:
    """A case in which a meeting has begun."""
    return ready(scheduled(), cleared(), started(), *more)


def over(*more: Event) -> tuple[Event, ...]:
    """A case in which a meeting was held."""
    return running(HELD, *more)


DRAFTED = LetterDrafted(
    letter_id=WRITTEN,
    method=LETTER,
    direction=Direction.TO_HARMED,
    sender=OFFENDER.participant_id,
    recipient=VICTIM.participant_id,
)
REVIEWED = LetterReviewed(letter_id=WRITTEN, result=ReviewResult.ACCEPTED)


def on_its_way(*more: Event) -> tuple[Event, ...]:
    """A case in which a letter was accepted and could go out."""
    return ready(DRAFTED, REVIEWED, *more, method=LETTER)
