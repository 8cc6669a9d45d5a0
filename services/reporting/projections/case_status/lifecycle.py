"""Where a case stands, from what each service says of it."""

from __future__ import annotations

from enum import StrEnum

from contracts.referral import InitiatedBy
from kernel.project.port import Body


class Status(StrEnum):
    """How far a case has come."""

    REQUESTED = "requested"
    AWAITING_VICTIM_REQUEST = "awaiting_victim_request"
    """An offender's interest, until a victim asks too."""
    SCREENING = "screening"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    """A facilitator has the case."""
    READY = "ready"
    """Everybody agrees to a method."""
    IN_ACTIVITY = "in_activity"
    FOLLOW_UP = "follow_up"
    """People have met or exchanged."""
    ON_HOLD = "on_hold"
    """Until it is resumed; the status is then what it was."""
    DECLINED = "declined"
    CLOSED = "closed"
    """Ended, or linked to another case of the same incident."""


NOTHING: Body = {}
OVER = frozenset({Status.DECLINED, Status.CLOSED})


def lifecycle(referral: Body, others: Body = NOTHING) -> Body:
    """Status, and whether the case is still open: the fields that the work list asks for.

    `others` holds what consent and facilitation say; without it an accepted case is that.
    """
    if not referral:
        return {}
    status = _status(referral, others)
    return {"status": status.value, "open": status not in OVER, "setting": referral["setting"]}


def _status(referral: Body, others: Body) -> Status:
    decided = referral.get("decided")
    if decided in OVER:
        return Status(decided)
    if referral.get("hold"):
        return Status.ON_HOLD
    return _at_work(others) if decided else _undecided(referral)


def _at_work(others: Body) -> Status:
    """How far an accepted case has come."""
    facilitation, consent = others.get("facilitation", {}), others.get("consent", {})
    come = {
        Status.IN_ACTIVITY: facilitation.get("running"),
        Status.FOLLOW_UP: facilitation.get("held"),
        Status.READY: consent.get("agreed"),
        Status.PREPARING: facilitation.get("team"),
    }
    return next((status for status, true in come.items() if true), Status.ACCEPTED)


def _undecided(referral: Body) -> Status:
    if _awaits_victim(referral):
        return Status.AWAITING_VICTIM_REQUEST
    return Status.SCREENING if "screened_at" in referral else Status.REQUESTED


def victim_asked(referral: Body) -> bool:
    """Whether a victim or party who is in the case asked, at once or later."""
    return bool(referral["victim_request"] or referral["asked_later"])


def _awaits_victim(referral: Body) -> bool:
    return not victim_asked(referral) and referral["initiated_by"] == InitiatedBy.OFFENDER
