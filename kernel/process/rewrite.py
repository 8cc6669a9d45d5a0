"""Changing a policy's document between folds, so that nobody's work is undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kernel.process.agenda import Agenda
from kernel.process.policy import Policy
from kernel.process.react import agenda_of, projection
from kernel.project.port import Document, Documents, Refused, Written


class NotStorable(Exception):
    """The database takes this document never."""


async def rewrite(
    documents: Documents,
    policy: Policy[Any],
    document: Document | None,
    how: Callable[[Agenda], Agenda],
) -> Document | None:
    """Store what `how` makes of the agenda, worked out anew if somebody wrote meanwhile.

    The document as it is stored comes back; None where there is none any more. Raises
    StoreUnavailable, after which the change may have been stored: `how` must leave alone what it
    finds done. Raises NotStorable.
    """
    view = projection(policy).view
    while document:
        before = agenda_of(policy, document.body)
        after = how(before)
        if after == before:
            return document
        changed = replace(document, body=after.body())
        (result,) = await documents.write(view, [changed])
        match result:
            case Written():
                return replace(changed, revision=document.revision + 1)
            case Refused():
                raise NotStorable(result.error)
        document = await documents.get(view, document.id)
    return None
