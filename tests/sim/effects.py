"""What must follow from what in another service: once, neither more nor less (G3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.sim.consents import kind_of
from tests.sim.evidence import Evidence

Json = dict[str, Any]


class Told(NamedTuple):
    """An event, and the commit that it stands in."""

    commit: Json
    event: Json
    version: int

    @property
    def kind(self) -> str:
        """What kind of event it is."""
        return kind_of(self.event)


ENDING = ("CapacityRecorded", "RepresentativeEnded", "ConsentVaried")
FOLLOWS: dict[str, tuple[tuple[str, str], ...]] = {
    "ReferralAccepted": (
        ("consent", "ConsentLedgerOpened"),
        ("facilitation", "FacilitationOpened"),
    ),
    "ParticipantAdded": (("consent", "ParticipantsNoted"), ("facilitation", "ParticipantsNoted")),
    "ParticipantRemoved": (("consent", "ParticipantsNoted"), ("facilitation", "ParticipantsNoted")),
    "CaseHeld": (("consent", "CaseHoldNoted"),),
    "CaseResumed": (("consent", "CaseHoldNoted"),),
    "CaseClosed": (("consent", "CaseClosureNoted"),),
    "ConsentQuorumReached": (("facilitation", "ConsentQuorumNoted"),),
    "ConsentQuorumLost": (("facilitation", "ConsentLossNoted"),),
    "ConsentWithdrawn": (("facilitation", "ConsentWithdrawalNoted"),),
    "ConsentDeclined": (("facilitation", "ConsentWithdrawalNoted"),),
    "ConsentExpired": (("facilitation", "ConsentWithdrawalNoted"),),
    **dict.fromkeys(ENDING, (("facilitation", "ConsentWithdrawalNoted"),)),
    "ActivityCleared": (("facilitation", "ClearanceNoted"),),
    "FacilitatorAssigned": (("consent", "TeamNoted"), ("referral", "TeamNoted")),
    "FacilitatorUnassigned": (("consent", "TeamNoted"), ("referral", "TeamNoted")),
}
ONLY_ONCE_ACCEPTED = (
    "ParticipantAdded",
    "ParticipantRemoved",
    "CaseHeld",
    "CaseResumed",
    "CaseClosed",
)


def one_effect_each(evidence: Evidence) -> Iterator[str]:
    """What the system does is done once for each cause, and is not left undone."""
    effects = list(_effects(evidence))
    for effect, count in Counter(effects).items():
        if count > 1:
            yield f"G3 {effect} took place {count} times"
    done = {effect[:3] for effect in effects}
    for told in _events(evidence):
        if _counts(told, evidence):
            for category, kind in FOLLOWS.get(told.kind, ()):
                stream = f"{category}-{told.commit['subject']}"
                if (stream, told.event["id"], kind) not in done:
                    yield f"G3 {kind} of {stream} does not follow {told.commit['_id']}"


def _effects(evidence: Evidence) -> Iterator[tuple[str, str, str, str]]:
    """Stream, causing event, first event and what it says of everything that the system did."""
    for commit in evidence.every_commit():
        if commit["role"] == "system" and commit["causation"]:
            first = commit["events"][0]
            yield commit["stream"], commit["causation"], kind_of(first), first["data"]


def _events(evidence: Evidence) -> Iterator[Told]:
    for commit in evidence.every_commit():
        for place, event in enumerate(commit["events"]):
            yield Told(commit, event, commit["version"] + place)


def _counts(told: Told, evidence: Evidence) -> bool:
    """What comes before the acceptance stands in it, or is over by then.

    The end of a yes is a no only where it takes a method away, and so is what else ends one.
    """
    if told.kind in ENDING:
        return bool(told.event["fields"]["ends"])
    if told.kind == "ConsentExpired":
        return bool(told.event["fields"]["no_longer"])
    if told.kind not in ONLY_ONCE_ACCEPTED:
        return True
    return any(
        other.kind == "ReferralAccepted"
        and other.commit["stream"] == told.commit["stream"]
        and other.version < told.version
        for other in _events(evidence)
    )
