"""The referral service: a matter comes in, is screened, and is accepted or declined."""

from __future__ import annotations

from contracts.codec import decode
from kernel.service import Service
from services.referral.domain.referral.decide import REFERRAL
from services.referral.domain.token.decide import TOKEN
from services.referral.http import ROUTES
from services.referral.policies.follow_facilitation import FOLLOW_FACILITATION
from services.referral.policies.follow_team import FOLLOW_TEAM
from services.referral.policies.review_disposal import REVIEW_DISPOSAL
from services.referral.policies.watch_deadlines import WATCH_DEADLINES

SERVICE = Service(
    name="referral",
    decode=decode,
    routes=ROUTES,
    deciders=(REFERRAL, TOKEN),
    policies=(FOLLOW_FACILITATION, FOLLOW_TEAM, WATCH_DEADLINES, REVIEW_DISPOSAL),
)
