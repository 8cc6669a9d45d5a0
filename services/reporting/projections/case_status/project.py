"""How a case stands: one document per case, each service's part a fold of its own stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from contracts.envelope import Recorded
from kernel.project.port import Body, Projection
from services.reporting.projections.case_status.consent import fold_consent
from services.reporting.projections.case_status.facilitation import fold_facilitation
from services.reporting.projections.case_status.lifecycle import lifecycle
from services.reporting.projections.case_status.referral import fold_referral
from services.reporting.projections.parties import parties

PARTS: Mapping[str, Callable[[Body, Recorded], Body]] = {
    "referral": fold_referral,
    "consent": fold_consent,
    "facilitation": fold_facilitation,
}


def fold(body: Body, one: Recorded) -> Body:
    """Streams touch different parts, so their events may come in any order."""
    name = one.envelope.stream.partition("-")[0]
    after = {**body, **parties(body, one)}
    if name in PARTS:
        after[name] = PARTS[name](body.get(name, {}), one)
    team = [UUID(who) for who in sorted(after["assigned"])]
    return {**after, **lifecycle(after.get("referral", {}), after), "team": team}


CASE_STATUS = Projection(
    name="case_status",
    fold=fold,
    version="4",
    indexes=(("open", "status"), ("open", "setting"), ("organisations", "open"), ("team", "open")),
)
