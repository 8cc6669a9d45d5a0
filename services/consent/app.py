"""The consent service: who was told what, and who agrees to which method."""

from __future__ import annotations

from contracts.codec import decode
from kernel.service import Service
from services.consent.domain.ledger.decide import LEDGER
from services.consent.http import ROUTES
from services.consent.policies.expire_consents import EXPIRE_CONSENTS
from services.consent.policies.follow_referral import FOLLOW_REFERRAL
from services.consent.policies.follow_team import FOLLOW_TEAM

SERVICE = Service(
    name="consent",
    decode=decode,
    routes=ROUTES,
    deciders=(LEDGER,),
    policies=(FOLLOW_REFERRAL, FOLLOW_TEAM, EXPIRE_CONSENTS),
)
