"""What there is to do in a case: one document per case, each service's part of its own stream."""

from __future__ import annotations

from contracts.envelope import Recorded
from kernel.project.port import Body, Projection
from services.reporting.projections.case_status.consent import fold_consent
from services.reporting.projections.case_status.facilitation import fold_facilitation
from services.reporting.projections.case_status.lifecycle import lifecycle
from services.reporting.projections.case_status.referral import fold_referral
from services.reporting.projections.parties import parties
from services.reporting.projections.to_do.contacts import fold_contacts
from services.reporting.projections.to_do.work import fold_work

PARTS = {
    "referral": (("referral", fold_referral), ("contacts", fold_contacts)),
    "consent": (("consent", fold_consent),),
    "facilitation": (("facilitation", fold_facilitation), ("work", fold_work)),
}


def fold(body: Body, one: Recorded) -> Body:
    """Streams touch different parts, so their events may come in any order."""
    after = {**body, **parties(body, one)}
    for name, part in PARTS.get(one.envelope.stream.partition("-")[0], ()):
        after[name] = part(body.get(name, {}), one)
    team = after.get("work", {}).get("team", [])
    return {**after, **lifecycle(after.get("referral", {}), after), "team": team}


TO_DO = Projection(
    name="to_do",
    fold=fold,
    version="3",
    indexes=(("open",), ("team", "open"), ("controllers", "open")),
)
