"""What was recorded by mistake: named by a new entry, and no longer counted."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.common import EntryCorrected
from contracts.fields import Role
from kernel.decider import Context, Decision, Entry, Unmet, refuse_unless
from services.referral.domain.referral import course_rules as rules
from services.referral.domain.referral.course_commands import CorrectEntry
from services.referral.domain.referral.state import Referral, Standing


def correct(command: CorrectEntry, state: Referral, context: Context) -> Decision:
    entry = context.entry(command.entry)
    if entry is None or entry.version not in _correctable(state):
        return refuse_unless(_no_mistake()) or []
    return refuse_unless(_own(entry, context)) or [
        EntryCorrected(entry=entry.id, entry_version=entry.version)
    ]


def _correctable(state: Referral) -> Iterator[int]:
    yield from (one.entry_version for one in state.contacts)
    if state.standing is Standing.REQUESTED:
        yield from (one.entry_version for one in state.asked_later)


def _no_mistake() -> Unmet:
    return rules.MISTAKES_ONLY.unmet(
        "the id of a contact, or before the acceptance of a victim's request, that still counts"
    )


def _own(entry: Entry, context: Context) -> Unmet | None:
    actor = context.actor
    if actor.role is Role.SUPERVISOR or (entry.actor.id, entry.actor.org) == (actor.id, actor.org):
        return None
    return rules.OWN_MISTAKE.unmet("have whoever made the entry correct it, or a supervisor")
