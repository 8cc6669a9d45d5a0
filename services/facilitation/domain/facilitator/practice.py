"""What the hub asks of its facilitators: the numbers of the Restorative Justice Council."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from contracts.terms import Level
from kernel.decider import State

YEAR = timedelta(days=365)


class Practice(State):
    """Hours, intervals, and how long a reservation waits for its case."""

    training_hours: int = 20
    pre_reading_below: int = 24
    supervised_every: timedelta = timedelta(days=84)
    observed_every: timedelta = YEAR
    cpd_every: timedelta = YEAR
    cpd_hours: Mapping[Level, int] = {
        Level.FOUNDATION: 6,
        Level.INTERMEDIATE: 12,
        Level.ADVANCED: 16,
    }
    hold: timedelta = timedelta(minutes=5)


PRACTICE = Practice()
