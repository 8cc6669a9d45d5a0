"""What may be asked of the facilitation service over HTTP, and by whom."""

from __future__ import annotations

from contracts.fields import Role
from kernel.http import Route, allow, post
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

STAFF = "/facilitators/{facilitator}"
MANAGES = allow(Role.PROVIDER_MANAGER)
OVERSEES = allow(Role.PROVIDER_MANAGER, Role.SUPERVISOR)
DECLARES = allow(Role.FACILITATOR, Role.COORDINATOR, Role.PROVIDER_MANAGER, Role.SUPERVISOR)

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

ROUTES: tuple[Route, ...] = WORKFORCE
