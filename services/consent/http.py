"""What may be asked of the consent service over HTTP, and by whom."""

from __future__ import annotations

from contracts.fields import Role
from kernel.http import Route, allow, allow_all_but, post
from services.consent.domain.ledger.clearance_commands import ClearActivity
from services.consent.domain.ledger.commands import (
    AppointRepresentative,
    DeclineConsent,
    EndRepresentative,
    GiveConsent,
    ProvideConsentInformation,
    RecordCapacity,
    WithdrawConsent,
)
from services.consent.domain.ledger.decide import LEDGER
from services.consent.domain.ledger.review_commands import (
    CorrectEntry,
    GiveSharingConsent,
    ReconfirmConsent,
    VaryConsent,
    WithdrawSharingConsent,
)

RECORDS = allow(Role.COORDINATOR, Role.FACILITATOR)
CORRECTS = allow(Role.COORDINATOR, Role.FACILITATOR, Role.SUPERVISOR)
ANYONE = allow_all_but()
FACILITATES = allow(Role.FACILITATOR)

ROUTES: tuple[Route, ...] = (
    post("/cases/{case}/information", ProvideConsentInformation, RECORDS, LEDGER),
    post("/cases/{case}/capacity", RecordCapacity, RECORDS, LEDGER),
    post("/cases/{case}/representatives", AppointRepresentative, RECORDS, LEDGER),
    post("/cases/{case}/representatives/end", EndRepresentative, RECORDS, LEDGER),
    post("/cases/{case}/consents", GiveConsent, RECORDS, LEDGER),
    post("/cases/{case}/consents/confirmation", ReconfirmConsent, RECORDS, LEDGER),
    post("/cases/{case}/consents/variation", VaryConsent, RECORDS, LEDGER),
    post("/cases/{case}/consents/decline", DeclineConsent, RECORDS, LEDGER),
    post("/cases/{case}/consents/withdrawal", WithdrawConsent, ANYONE, LEDGER),
    post("/cases/{case}/clearances", ClearActivity, FACILITATES, LEDGER),
    post("/cases/{case}/sharing", GiveSharingConsent, RECORDS, LEDGER),
    post("/cases/{case}/sharing/withdrawal", WithdrawSharingConsent, ANYONE, LEDGER),
    post("/cases/{case}/corrections", CorrectEntry, CORRECTS, LEDGER),
)
