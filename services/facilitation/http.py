"""What may be asked of the facilitation service over HTTP, and by whom."""

from __future__ import annotations

from contracts.fields import Role
from kernel.http import Route, allow, allow_all_but, post
from services.facilitation.assigning import assign, would_assign
from services.facilitation.domain.case.agreement.commands import (
    CloseAgreement,
    CompleteItem,
    MissItem,
    ReachAgreement,
    RecordNoAgreement,
    VaryItem,
)
from services.facilitation.domain.case.arrangement.commands import AgreeMethod, ApproveVenue
from services.facilitation.domain.case.correction.commands import CorrectEntry
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.case.exchange.commands import (
    DraftLetter,
    RefuseLetter,
    ReviewLetter,
)
from services.facilitation.domain.case.meeting.commands import (
    CancelMeeting,
    RecordMeetingHeld,
    RecordMeetingNotHeld,
    RescheduleMeeting,
    ScheduleMeeting,
    StopMeeting,
)
from services.facilitation.domain.case.preparation.commands import (
    RecordPreparation,
    RecordResponsibility,
)
from services.facilitation.domain.case.risk.commands import AssessRisk, EscalateRisk
from services.facilitation.domain.case.safety.commands import (
    RaiseSafetyConcern,
    RecordFollowUp,
    ResolveSafetyConcern,
)
from services.facilitation.domain.case.start.commands import (
    DeliverLetter,
    RelayMessage,
    StartMeeting,
)
from services.facilitation.domain.case.team.commands import AssignFacilitator, UnassignFacilitator
from services.facilitation.domain.facilitator.commands import (
    ClearConflict,
    DeclareConflict,
    RecordCpd,
    RecordSupervision,
    RecordTraining,
    RegisterFacilitator,
    ReinstateFacilitator,
    SuspendFacilitator,
)
from services.facilitation.domain.facilitator.decide import FACILITATOR
from services.facilitation.registration import register
from services.facilitation.scheduling import (
    reschedule,
    schedule,
    would_reschedule,
    would_schedule,
)
from services.facilitation.starting import (
    deliver_letter,
    relay_message,
    start_meeting,
    would_deliver_letter,
    would_relay_message,
    would_start_meeting,
)

STAFF = "/facilitators/{facilitator}"
CASES = "/cases/{case}"

MANAGES = allow(Role.PROVIDER_MANAGER)
OVERSEES = allow(Role.PROVIDER_MANAGER, Role.SUPERVISOR)
DECLARES = allow(Role.FACILITATOR, Role.COORDINATOR, Role.PROVIDER_MANAGER, Role.SUPERVISOR)
WORKS = allow(Role.FACILITATOR)
WORKS_OR_SUPERVISES = allow(Role.FACILITATOR, Role.SUPERVISOR)
WORKS_OR_COORDINATES = allow(Role.FACILITATOR, Role.SUPERVISOR, Role.COORDINATOR)
ANYONE = allow_all_but(Role.ANALYST)

WORKFORCE: tuple[Route, ...] = (
    post("/facilitators", RegisterFacilitator, MANAGES, FACILITATOR, through=register),
    post(f"{STAFF}/training", RecordTraining, MANAGES, FACILITATOR),
    post(f"{STAFF}/development", RecordCpd, MANAGES, FACILITATOR),
    post(f"{STAFF}/supervision", RecordSupervision, OVERSEES, FACILITATOR),
    post(f"{STAFF}/suspension", SuspendFacilitator, OVERSEES, FACILITATOR),
    post(f"{STAFF}/reinstatement", ReinstateFacilitator, OVERSEES, FACILITATOR),
    post(f"{STAFF}/conflicts", DeclareConflict, DECLARES, FACILITATOR),
    post(f"{STAFF}/conflicts/clearance", ClearConflict, OVERSEES, FACILITATOR),
)

BEFORE: tuple[Route, ...] = (
    post(
        f"{CASES}/facilitators",
        AssignFacilitator,
        MANAGES,
        CASE,
        through=assign,
        tries=would_assign,
    ),
    post(f"{CASES}/facilitators/removal", UnassignFacilitator, OVERSEES, CASE),
    post(f"{CASES}/preparation", RecordPreparation, WORKS, CASE),
    post(f"{CASES}/responsibility", RecordResponsibility, WORKS, CASE),
    post(f"{CASES}/risk", AssessRisk, WORKS_OR_SUPERVISES, CASE),
    post(f"{CASES}/risk/escalation", EscalateRisk, WORKS_OR_COORDINATES, CASE),
    post(f"{CASES}/method", AgreeMethod, WORKS_OR_SUPERVISES, CASE),
    post(f"{CASES}/venues", ApproveVenue, WORKS_OR_SUPERVISES, CASE),
)

MEETINGS: tuple[Route, ...] = (
    post(
        f"{CASES}/meetings",
        ScheduleMeeting,
        WORKS,
        CASE,
        through=schedule,
        tries=would_schedule,
    ),
    post(
        f"{CASES}/meetings/date",
        RescheduleMeeting,
        WORKS,
        CASE,
        through=reschedule,
        tries=would_reschedule,
    ),
    post(
        f"{CASES}/meetings/start",
        StartMeeting,
        WORKS,
        CASE,
        through=start_meeting,
        tries=would_start_meeting,
        asks=("consent",),
    ),
    post(f"{CASES}/meetings/cancellation", CancelMeeting, WORKS_OR_COORDINATES, CASE),
    post(f"{CASES}/meetings/end", RecordMeetingHeld, WORKS, CASE),
    post(f"{CASES}/meetings/stop", StopMeeting, WORKS_OR_SUPERVISES, CASE),
    post(f"{CASES}/meetings/absence", RecordMeetingNotHeld, WORKS_OR_SUPERVISES, CASE),
)

LETTERS: tuple[Route, ...] = (
    post(f"{CASES}/letters", DraftLetter, WORKS, CASE),
    post(f"{CASES}/letters/review", ReviewLetter, WORKS_OR_SUPERVISES, CASE),
    post(
        f"{CASES}/letters/delivery",
        DeliverLetter,
        WORKS,
        CASE,
        through=deliver_letter,
        tries=would_deliver_letter,
        asks=("consent",),
    ),
    post(
        f"{CASES}/messages",
        RelayMessage,
        WORKS,
        CASE,
        through=relay_message,
        tries=would_relay_message,
        asks=("consent",),
    ),
    post(f"{CASES}/letters/refusal", RefuseLetter, WORKS, CASE),
)

AFTERWARDS: tuple[Route, ...] = (
    post(f"{CASES}/agreements", ReachAgreement, WORKS, CASE),
    post(f"{CASES}/agreements/none", RecordNoAgreement, WORKS, CASE),
    post(f"{CASES}/agreements/items/completion", CompleteItem, WORKS, CASE),
    post(f"{CASES}/agreements/items/miss", MissItem, WORKS, CASE),
    post(f"{CASES}/agreements/items/variation", VaryItem, WORKS, CASE),
    post(f"{CASES}/agreements/close", CloseAgreement, WORKS, CASE),
    post(f"{CASES}/follow-ups", RecordFollowUp, WORKS_OR_COORDINATES, CASE),
    post(f"{CASES}/concerns", RaiseSafetyConcern, ANYONE, CASE),
    post(f"{CASES}/concerns/resolution", ResolveSafetyConcern, WORKS_OR_COORDINATES, CASE),
    post(f"{CASES}/corrections", CorrectEntry, WORKS_OR_COORDINATES, CASE),
)

ROUTES: tuple[Route, ...] = (*WORKFORCE, *BEFORE, *MEETINGS, *LETTERS, *AFTERWARDS)
