"""The reporting service: read models over the public log."""

from __future__ import annotations

from contracts.codec import decode
from kernel.service import Service
from services.reporting.http import ROUTES
from services.reporting.projections.case_status.project import CASE_STATUS
from services.reporting.projections.milestones.project import MILESTONES
from services.reporting.projections.timeline.project import TIMELINE
from services.reporting.projections.to_do.project import TO_DO

SERVICE = Service(
    name="reporting",
    decode=decode,
    routes=ROUTES,
    projections=(CASE_STATUS, TIMELINE, MILESTONES, TO_DO),
)
