"""What policies could not bring about: a list for people, and a second try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kernel.process.agenda import Agenda, Refusal
from kernel.process.policy import Policy
from kernel.process.react import agenda_of, projection
from kernel.process.rewrite import rewrite
from kernel.project.port import Documents


@dataclass(frozen=True, slots=True)
class Listed:
    """The refusals in one document of a policy."""

    policy: str
    document: UUID
    refusals: tuple[Refusal, ...]


async def refusals(
    documents: Documents, policy: Policy[Any], *, after: UUID | None = None, limit: int = 100
) -> list[Listed]:
    """The documents with refusals, in key order; raises StoreUnavailable."""
    view = projection(policy).view
    found = await documents.page(view, {"refused": True}, after=after, limit=limit)
    return [Listed(policy.name, one.id, agenda_of(policy, one.body).refusals) for one in found]


async def try_again(documents: Documents, policy: Policy[Any], key: UUID) -> int:
    """Take a document's refusals off the list and try each anew; how many there were.

    Commands keep their ids, so one that was answered meanwhile changes nothing. Raises
    StoreUnavailable; then some of it may have happened, and it may be asked for again.
    """
    document, found = await documents.get(projection(policy).view, key), 0

    def again(agenda: Agenda) -> Agenda:
        nonlocal found
        found = len(agenda.refusals)
        return _again(agenda)

    await rewrite(documents, policy, document, again)
    return found


def _again(agenda: Agenda) -> Agenda:
    fresh = [one.todo.anew() for one in agenda.refusals if one.todo]
    timers = {one.timer: one.armed for one in agenda.refusals if one.armed}
    changes = {
        "refusals": (),
        "todo": (*fresh, *agenda.todo),
        "timers": {**timers, **agenda.timers},
    }
    return agenda.model_copy(update=changes)
