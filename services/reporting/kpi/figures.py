"""All figures in one table, each with what it says in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.reporting.kpi.figure import Begins, Counts, Figure, Unit
from services.reporting.kpi.practice import PRACTICE
from services.reporting.projections.milestones.query import Mark, Milestones
from services.reporting.projections.milestones.steps import Step

ENDS = (Step.DECLINED, Step.CLOSED)
ACTIVITY = (Step.MET, Step.EXCHANGED)


def since(*steps: Step) -> Begins:
    """About the cases that took one of these steps, from then on."""
    return lambda case, _: case.first(*steps)


def grown(*steps: Step) -> Begins:
    """About the cases that took one of these steps long enough ago to have come further."""

    def begins(case: Milestones, now: datetime) -> Mark | None:
        mark = case.first(*steps)
        return mark if mark and mark.at <= now - PRACTICE.conversion_after else None

    return begins


def taken(*steps: Step) -> Counts:
    """Those that ever took one of these steps."""
    return lambda case: case.first(*steps)


def ended_before(*steps: Step) -> Counts:
    """Those that ended without having taken any of these steps."""
    return lambda case: None if case.first(*steps) else case.first(*ENDS)


FIGURES: tuple[Figure, ...] = (
    Figure(
        "referrals",
        "cases referred to the hub",
        Unit.CASES,
        "requested",
        since(Step.REQUESTED),
        "requested",
        taken(Step.REQUESTED),
    ),
    Figure(
        "acceptance",
        "of the cases that were screened, those that were accepted",
        Unit.PERCENT,
        "screened",
        since(Step.SCREENED),
        "accepted",
        taken(Step.ACCEPTED),
    ),
    Figure(
        "take_up",
        "of the cases referred, those in which everybody ever agreed to one way",
        Unit.PERCENT,
        "requested",
        since(Step.REQUESTED),
        "consented",
        taken(Step.CONSENTED),
    ),
    Figure(
        "dual_consent",
        "of the cases accepted, those in which everybody ever agreed to one way",
        Unit.PERCENT,
        "accepted",
        since(Step.ACCEPTED),
        "consented",
        taken(Step.CONSENTED),
    ),
    Figure(
        "conversion",
        "of the cases accepted 180 days ago or more, those that came to an activity",
        Unit.PERCENT,
        "accepted long ago",
        grown(Step.ACCEPTED),
        "active of those",
        taken(*ACTIVITY),
        part_of="accepted",
    ),
    Figure(
        "direct_share",
        "of the cases with an activity, those in which people met or saw each other live",
        Unit.PERCENT,
        "active",
        since(*ACTIVITY),
        "met",
        taken(Step.MET),
    ),
    Figure(
        "agreement_rate",
        "of the cases with an activity, those in which an outcome was agreed",
        Unit.PERCENT,
        "active",
        since(*ACTIVITY),
        "agreed",
        taken(Step.OUTCOME_AGREED),
    ),
    Figure(
        "endings",
        "of the cases referred, those that ended, by how they ended",
        Unit.PERCENT,
        "requested",
        since(Step.REQUESTED),
        "ended",
        taken(*ENDS),
        by_code=True,
    ),
    Figure(
        "attrition_before_screening",
        "of the cases referred, those that ended before they were screened",
        Unit.PERCENT,
        "requested",
        since(Step.REQUESTED),
        "ended before screening",
        ended_before(Step.SCREENED),
        by_code=True,
    ),
    Figure(
        "attrition_before_acceptance",
        "of the cases screened, those that ended before they were accepted",
        Unit.PERCENT,
        "screened",
        since(Step.SCREENED),
        "ended before acceptance",
        ended_before(Step.ACCEPTED),
        by_code=True,
    ),
    Figure(
        "attrition_before_consent",
        "of the cases accepted, those that ended before everybody agreed",
        Unit.PERCENT,
        "accepted",
        since(Step.ACCEPTED),
        "ended before consent",
        ended_before(Step.CONSENTED),
        by_code=True,
    ),
    Figure(
        "attrition_before_activity",
        "of the cases in which everybody agreed, those that ended before any activity",
        Unit.PERCENT,
        "consented",
        since(Step.CONSENTED),
        "ended before activity",
        ended_before(*ACTIVITY),
        by_code=True,
    ),
    Figure(
        "time_to_contact",
        "from the request until somebody was first reached",
        Unit.DAYS,
        "requested",
        since(Step.REQUESTED),
        "contacted",
        taken(Step.CONTACTED),
    ),
    Figure(
        "time_to_screening",
        "from the request to the first screening",
        Unit.DAYS,
        "requested",
        since(Step.REQUESTED),
        "screened",
        taken(Step.SCREENED),
    ),
    Figure(
        "time_to_consent",
        "from the acceptance until everybody agreed",
        Unit.DAYS,
        "accepted",
        since(Step.ACCEPTED),
        "consented",
        taken(Step.CONSENTED),
    ),
    Figure(
        "time_to_preparation",
        "from when somebody was first reached to the first preparation",
        Unit.DAYS,
        "contacted",
        since(Step.CONTACTED),
        "prepared",
        taken(Step.PREPARED),
    ),
    Figure(
        "time_to_activity",
        "from the first preparation to the first activity",
        Unit.DAYS,
        "prepared",
        since(Step.PREPARED),
        "active",
        taken(*ACTIVITY),
    ),
    Figure(
        "time_to_close",
        "from the first activity to the close",
        Unit.DAYS,
        "active",
        since(*ACTIVITY),
        "ended after activity",
        taken(Step.CLOSED),
    ),
)
NAMED: Mapping[str, Figure] = {one.name: one for one in FIGURES}
SUMS: Mapping[str, tuple[str, ...]] = {
    "ended": (
        "ended before screening",
        "ended before acceptance",
        "ended before consent",
        "ended before activity",
        "ended after activity",
    )
}
"""Cases that are all told once more, by what they had come to."""
