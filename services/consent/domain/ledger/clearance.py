"""Whether an activity may begin now: decided where a withdrawal would be, so neither is missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from contracts.consent_clearance import ActivityCleared
from contracts.envelope import Event
from contracts.fields import ParticipantId
from contracts.terms import ClearanceId, Method
from kernel.decider import Context, Refused, Unmet, refuse_unless
from services.consent.domain.ledger import clearance_rules as rules
from services.consent.domain.ledger.clearance_commands import ClearActivity
from services.consent.domain.ledger.practice import Practice
from services.consent.domain.ledger.quorum import quorums, standing
from services.consent.domain.ledger.state import Consent, Ledger

RestsOn = Mapping[ParticipantId, tuple[Consent, ...]]


def clear(
    practice: Practice, command: ClearActivity, ledger: Ledger, at: Context
) -> Event | Refused:
    """For these attendees, by this method, at this moment."""
    attendees = tuple(dict.fromkeys(command.attendees))
    rests_on = {one: _yes(ledger, one, command.method, at.now) for one in attendees}
    refused = refuse_unless(
        _goes_on(ledger),
        _agreed_now(ledger, command.method, at.now),
        _consent(rests_on),
        _asked_lately(practice, rests_on, at.now),
    )
    return refused or ActivityCleared(
        clearance_id=ClearanceId(at.new_id("clearance")),
        activity_id=command.activity_id,
        method=command.method,
        attendees=attendees,
        consents=tuple(one.consent_id for every in rests_on.values() for one in every),
        usable_until=at.now + practice.usable,
    )


def _yes(
    ledger: Ledger, participant_id: ParticipantId, method: Method, now: datetime
) -> tuple[Consent, ...]:
    """The latest yes of somebody that stands, with the one beside a child's; nothing for none."""
    who = ledger.participant(participant_id)
    found = standing(ledger, who, method, now) if who else ()
    return max(found, key=_checked_at, default=())


def _checked_at(yes: tuple[Consent, ...]) -> datetime:
    return min(one.checked_at for one in yes)


def _goes_on(ledger: Ledger) -> Unmet | None:
    if ledger.closed:
        return rules.CASE_GOES_ON.unmet("a new referral that names this case in `supersedes`")
    return rules.CASE_GOES_ON.unmet("that the case is resumed") if ledger.on_hold else None


def _agreed_now(ledger: Ledger, method: Method, now: datetime) -> Unmet | None:
    if method in quorums(ledger, now):
        return None
    return rules.AGREED_NOW.unmet(f"the consent of everybody to {method.value}")


def _consent(rests_on: RestsOn) -> Unmet | None:
    if rests_on and all(rests_on.values()):
        return None
    return rules.ATTENDEES_CONSENT.unmet("the consent of each attendee, or only those who consent")


def _asked_lately(practice: Practice, rests_on: RestsOn, now: datetime) -> Unmet | None:
    since = now - practice.checked_within
    if all(_checked_at(yes) >= since for yes in rests_on.values() if yes):
        return None
    return rules.ASKED_LATELY.unmet("ask them again, and record that they confirm it")
