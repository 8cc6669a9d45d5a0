"""What may be asked of the referral service over HTTP, and by whom."""

from __future__ import annotations

from contracts.fields import Role
from kernel.http import Route, allow, allow_hub, post
from services.referral.closing import close_case, would_close
from services.referral.domain.referral.commands import (
    AcceptReferral,
    AddParticipant,
    DeclineReferral,
    RecordVictimRequest,
    RemoveParticipant,
    ScreenReferral,
)
from services.referral.domain.referral.course_commands import (
    CloseCase,
    ContactParticipant,
    CorrectEntry,
    HoldCase,
    ResumeCase,
)
from services.referral.domain.referral.decide import REFERRAL
from services.referral.incident import ReferralRequest, request_referral
from services.referral.reference import KEY

REFERS = allow(Role.OFFICER, Role.REFERRER, Role.COORDINATOR)
SCREENS = allow_hub(Role.COORDINATOR)
ACCEPTS = allow_hub(Role.COORDINATOR, Role.SUPERVISOR)
WORKS = allow(Role.COORDINATOR, Role.FACILITATOR, Role.SUPERVISOR)
CORRECTS = allow(Role.OFFICER, Role.REFERRER, Role.COORDINATOR, Role.FACILITATOR, Role.SUPERVISOR)

ROUTES: tuple[Route, ...] = (
    post("/cases", ReferralRequest, REFERS, REFERRAL, through=request_referral, secrets=(KEY,)),
    post("/cases/{case}/victim-request", RecordVictimRequest, REFERS, REFERRAL),
    post("/cases/{case}/participants", AddParticipant, REFERS, REFERRAL),
    post("/cases/{case}/participants/removal", RemoveParticipant, REFERS, REFERRAL),
    post("/cases/{case}/screening", ScreenReferral, SCREENS, REFERRAL),
    post("/cases/{case}/acceptance", AcceptReferral, ACCEPTS, REFERRAL),
    post("/cases/{case}/decline", DeclineReferral, ACCEPTS, REFERRAL),
    post("/cases/{case}/contacts", ContactParticipant, WORKS, REFERRAL),
    post("/cases/{case}/hold", HoldCase, WORKS, REFERRAL),
    post("/cases/{case}/resumption", ResumeCase, WORKS, REFERRAL),
    post(
        "/cases/{case}/closure",
        CloseCase,
        WORKS,
        REFERRAL,
        through=close_case,
        tries=would_close,
    ),
    post("/cases/{case}/corrections", CorrectEntry, CORRECTS, REFERRAL),
)
