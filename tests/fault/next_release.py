"""Reporting as a later release has it: each timeline says besides how many events it tells."""

from __future__ import annotations

from dataclasses import replace

from contracts.envelope import Recorded
from kernel.project.port import Body
from kernel.run.main import main
from services.reporting.app import SERVICE
from services.reporting.projections.timeline.project import TIMELINE


def fold(body: Body, one: Recorded) -> Body:
    """What the release before knows, and more."""
    after = TIMELINE.fold(body, one)
    return {**after, "told": len(after["entries"])}


LATER = replace(TIMELINE, version=str(int(TIMELINE.version) + 1), fold=fold)
NEXT = replace(
    SERVICE,
    projections=tuple(LATER if one is TIMELINE else one for one in SERVICE.projections),
)

if __name__ == "__main__":
    main(NEXT)
