"""What the hub has settled for its casework: notice, validity, how often, how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from kernel.decider import Context, State


class Practice(State):
    """The hub's own defaults, beside those of the Restorative Justice Council."""

    notice: timedelta = timedelta(hours=48)
    risk_validity: timedelta = timedelta(days=28)
    preparations: int = 1
    preparations_if_complex: int = 2
    most_with_one_facilitator: int = 4
    item_due: timedelta = timedelta(days=90)


PRACTICE = Practice()


@dataclass(frozen=True, slots=True)
class At(Context):
    """The moment of a decision, with the practice that holds at it."""

    practice: Practice = PRACTICE


def at(context: Context, practice: Practice) -> At:
    """A decision's context under a hub's own practice."""
    return At(context.now, context.command_id, context.actor, context.entries, practice)
