"""What was entered by mistake: named by a new entry, and no longer counted."""

from __future__ import annotations

from contracts.common import EntryCorrected
from contracts.facilitation.aftercare import AgreementItemCompleted, AgreementItemMissed
from contracts.fields import Role
from kernel.decider import Decision, Entry, Refused, Unmet, refuse_unless
from services.facilitation.domain.case import parts
from services.facilitation.domain.case.correction import rules
from services.facilitation.domain.case.correction.commands import CorrectEntry
from services.facilitation.domain.case.practice import At
from services.facilitation.domain.case.state import Case


def decide_correction(command: CorrectEntry, case: Case, at: At) -> Decision:
    """An entry that still counts, by who made it or by a supervisor."""
    entry = at.entry(command.entry)
    if entry is None or entry.version not in _correctable(case):
        return Refused((rules.MISTAKES_ONLY.unmet(_NEEDS),))
    return refuse_unless(_own(entry, at)) or [
        EntryCorrected(entry=entry.id, entry_version=entry.version)
    ]


_NEEDS = "the id of such an entry that still counts"


def _correctable(case: Case) -> set[int]:
    return {one.version for one in case.entries if not _settled(one, case)}


def _settled(one: parts.Entry, case: Case) -> bool:
    """What was counted into a closed agreement stays."""
    if not isinstance(one.event, AgreementItemCompleted | AgreementItemMissed):
        return False
    return case.agreements[one.event.agreement_id].closed


def _own(entry: Entry, at: At) -> Unmet | None:
    actor = at.actor
    if actor.role is Role.SUPERVISOR or (entry.actor.id, entry.actor.org) == (actor.id, actor.org):
        return None
    return rules.OWN_MISTAKE.unmet("have whoever made the entry correct it, or a supervisor")
