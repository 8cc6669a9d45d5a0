"""The answer to: what is there to do, for me, and by when?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import Role
from contracts.terms import Setting
from kernel.http.ask import Question
from kernel.project.port import Document
from services.reporting.projections.case_status.lifecycle import Status
from services.reporting.projections.to_do.deadlines import PRACTICE
from services.reporting.projections.to_do.project import TO_DO
from services.reporting.projections.to_do.tasks import Task, tasks

PAGE = 1000
NEVER = datetime.max.replace(tzinfo=UTC)


class Urgency(StrEnum):
    """How a task stands."""

    OVERDUE = "overdue"
    DUE = "due"
    BLOCKED = "blocked"
    """The case cannot go on until what the rule says has come about."""


class RuleShown(BaseModel):
    """The rule by which something is to be done, or by which the case cannot go on."""

    model_config = ConfigDict(frozen=True)

    id: str
    words: str
    source: str


class TaskShown(BaseModel):
    """One line of a work list."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    case: UUID
    setting: Setting
    status: Status
    urgency: Urgency
    due_at: datetime | None = Field(description="null where something stands in the way")
    rule: RuleShown
    participant_id: UUID | None = Field(None, description="whom it is about, where about one")


async def work_list(asked: Question) -> list[TaskShown]:
    """What is overdue, due or blocked in the caller's cases, the most pressing first."""
    now = await asked.now()
    found = [one for case in await _cases(asked) for one in _shown(case, now)]
    return sorted(found, key=lambda one: (*_pressing(one), one.case, one.id))


async def _cases(asked: Question) -> list[Document]:
    view, found = asked.view(TO_DO.name), list[Document]()
    while page := await asked.documents.page(
        view, _whose(asked), after=found[-1].id if found else None, limit=PAGE
    ):
        found += page
    return found


def _whose(asked: Question) -> dict[str, object]:
    """A facilitator's own cases; of others, those of the hub, or that they are controller of."""
    if asked.actor.role is Role.FACILITATOR:
        return {"open": True, "team": asked.actor.id}
    return {"open": True} if asked.sees_all else {"open": True, "controllers": asked.actor.org}


def _shown(case: Document, now: datetime) -> Iterator[TaskShown]:
    for one in tasks(case.body):
        if one.due_at is None or one.due_at <= now + PRACTICE.ahead:
            yield TaskShown(
                id=uuid5(case.id, f"{one.rule.id} {one.who} {one.of}"),
                case=case.id,
                setting=case.body["setting"],
                status=case.body["status"],
                urgency=_urgency(one, now),
                due_at=one.due_at,
                rule=RuleShown(id=one.rule.id, words=one.rule.words, source=one.rule.source),
                participant_id=UUID(one.who) if one.who else None,
            )


def _urgency(one: Task, now: datetime) -> Urgency:
    if one.due_at is None:
        return Urgency.BLOCKED
    return Urgency.OVERDUE if one.due_at <= now else Urgency.DUE


def _pressing(one: TaskShown) -> tuple[int, datetime]:
    return list(Urgency).index(one.urgency), one.due_at or NEVER
