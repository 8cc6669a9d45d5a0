"""The facilitation service: a case, its people, and those who facilitate."""

from __future__ import annotations

from contracts.codec import decode
from kernel.service import Service
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.facilitator.decide import FACILITATOR
from services.facilitation.http import ROUTES
from services.facilitation.policies.follow_case import FOLLOW_CASE
from services.facilitation.policies.keep_reservations import KEEP_RESERVATIONS
from services.facilitation.policies.watch_facilitators import WATCH_FACILITATORS

SERVICE = Service(
    name="facilitation",
    decode=decode,
    routes=ROUTES,
    deciders=(CASE, FACILITATOR),
    policies=(FOLLOW_CASE, KEEP_RESERVATIONS, WATCH_FACILITATORS),
)
