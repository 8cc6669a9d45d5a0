"""Changing a policy's document between folds, so that nobody's work is undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from kernel.process.agenda import Agenda
from kernel.process.policy import Policy
from kernel.process.react import agenda_of, projection
from kernel.project.port import Documents, Lost, Refused


class NotStorable(Exception):
    """The database takes this document never."""


async def rewrite(
    documents: Documents, policy: Policy[Any], key: UUID, how: Callable[[Agenda], Agenda]
) -> Agenda:
    """Store what `how` makes of the agenda, worked out anew if somebody wrote meanwhile.

    The agenda that `how` was last given comes back. Raises StoreUnavailable, after which the
    change may have been stored: `how` must leave alone what it finds done. Raises NotStorable.
    """
    view = projection(policy).view
    while document := await documents.get(view, key):
        before = agenda_of(policy, document.body)
        after = how(before)
        if after == before:
            return before
        (result,) = await documents.write(view, [replace(document, body=after.body())])
        if isinstance(result, Refused):
            raise NotStorable(result.error)
        if not isinstance(result, Lost):
            return before
    return agenda_of(policy, {})
