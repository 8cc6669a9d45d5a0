"""The facilitation service: a case, its people, and those who facilitate."""

from __future__ import annotations

from contracts.codec import decode
from kernel.service import Service
from services.facilitation.domain.case.decide import CASE
from services.facilitation.domain.facilitator.decide import FACILITATOR
from services.facilitation.http import ROUTES
from services.facilitation.policies.follow_case import FOLLOW_CASE

SERVICE = Service(
    name="facilitation",
    decode=decode,
    routes=ROUTES,
    deciders=(CASE, FACILITATOR),
    policies=(FOLLOW_CASE,),
)
