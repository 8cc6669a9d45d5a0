"""The work list: cases by how they stand, from the documents of `case_status`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.fields import Role
from contracts.terms import Setting
from kernel.http.ask import Question
from kernel.project.port import Document
from services.reporting.projections.case_status.lifecycle import Status


class CaseListed(BaseModel):
    """A case on the work list."""

    model_config = ConfigDict(frozen=True)

    case: UUID
    status: Status
    setting: Setting
    requested_at: datetime


def wanted(asked: Question, status: Status | None, setting: Setting | None) -> dict[str, object]:
    """Open cases unless a status is named, of those that the caller sees.

    These are a facilitator's own; the hub's are all, any other organisation's those that are of it.
    """
    where: dict[str, object] = {"status": status.value} if status else {"open": True}
    if setting:
        where["setting"] = setting.value
    if asked.actor.role is Role.FACILITATOR:
        where["team"] = asked.actor.id
    return where if asked.sees_all else {**where, "organisations": asked.actor.org}


def listed(found: Document) -> CaseListed:
    """One line of the list."""
    return CaseListed(
        case=found.id,
        status=found.body["status"],
        setting=found.body["setting"],
        requested_at=found.body["referral"]["requested_at"],
    )
