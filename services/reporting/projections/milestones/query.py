"""The answer to: when did a case take each step?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.envelope import Position
from contracts.terms import Setting
from kernel.project.port import Body, Document
from services.reporting.projections.milestones.steps import Step


@dataclass(frozen=True, slots=True)
class Mark:
    """The event that takes a step: when it happened, and where it stands; a close has a code."""

    at: datetime
    event: UUID
    position: Position
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Milestones:
    """One case, and the first event of each step that it took."""

    case: UUID
    setting: Setting
    steps: Mapping[Step, Mark]

    def first(self, *steps: Step) -> Mark | None:
        """The earliest mark of these steps."""
        taken = [self.steps[one] for one in steps if one in self.steps]
        return min(taken, key=lambda one: one.at, default=None)


def milestones(found: Document) -> Milestones | None:
    """What a document says, without what is void.

    None where the case has no request: a linked duplicate, or one whose first event is parked.
    """
    if "setting" not in found.body:
        return None
    void = set(found.body.get("void", ()))
    steps = {
        Step(name): _mark(counting[0])
        for name, marks in found.body.get("steps", {}).items()
        if (counting := [one for one in marks if not void & {one["event"], one.get("activity")}])
    }
    return Milestones(found.id, Setting(found.body["setting"]), steps)


def _mark(mark: Body) -> Mark:
    position = Position(mark["stream"], mark["version"])
    return Mark(datetime.fromisoformat(mark["at"]), mark["event"], position, mark.get("code"))
