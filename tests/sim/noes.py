"""What a no does in a case: nothing begins past one that is noted, and what it concerns ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.sim.consents import kind_of

Json = dict[str, Any]

ENDS = ("MeetingHeld", "MeetingStopped", "MeetingCancelled", "MeetingNotHeld")
LETTER_ENDS = ("LetterDelivered", "LetterRefused", "LetterStopped")


def begun_before_a_no(commits: list[Json]) -> Iterator[str]:
    """No activity begins by a clearance that is older than a no that the case has noted."""
    noted: dict[str, int] = {}
    noes: list[Json] = []
    for commit, event in _events(commits):
        fields = event["fields"]
        if kind_of(event) == "ClearanceNoted":
            noted[fields["clearance_id"]] = fields["consent_version"]
        elif kind_of(event) in ("ConsentLossNoted", "ConsentWithdrawalNoted"):
            noes.append(fields)
        elif "cleared_by" in fields:
            since = noted.get(fields["cleared_by"])
            if since is None:
                yield f"G4 {commit['_id']} begins on a clearance that the case has not noted"
            elif any(one["consent_version"] > since and _concerns(one, fields) for one in noes):
                yield f"G4 {commit['_id']} begins although a no was noted after its clearance"


def ended_by_a_no(commits: list[Json]) -> Iterator[str]:
    """A loss, a withdrawal or a closure ends in its own commit whatever it concerns."""
    standing = _Standing()
    for commit in commits:
        for event in commit["events"]:
            standing.hear(kind_of(event), event["fields"])
        for event in commit["events"]:
            if any(standing.touched_by(kind_of(event), event["fields"])):
                yield f"G4 {commit['_id']} notes {kind_of(event)}, and what it concerns goes on"


def _events(commits: list[Json]) -> Iterator[tuple[Json, Json]]:
    for commit in commits:
        for event in commit["events"]:
            yield commit, event


def _concerns(no: Json, what: Json) -> bool:
    """A loss concerns everybody, a withdrawal those who attend with whoever says yes no longer."""
    if "method" in no:
        return bool(no["method"] == what["method"])
    return any(
        what["method"] in one["methods"] and one["participant_id"] in what["attendees"]
        for one in (no, *no.get("also_ends", ()))
    )


@dataclass
class _Standing:
    """What is arranged, on its way or running in a case."""

    dates: dict[str, Json] = field(default_factory=dict)
    running: dict[str, Json] = field(default_factory=dict)
    letters: dict[str, Json] = field(default_factory=dict)

    def hear(self, kind: str, fields: Json) -> None:
        if kind in ("MeetingScheduled", "MeetingRescheduled"):
            self.dates[fields["meeting_id"]] = fields
        elif kind == "LetterDrafted":
            self.letters[fields["letter_id"]] = fields
        elif kind in LETTER_ENDS:
            self.letters.pop(fields["letter_id"], None)
        elif kind == "MeetingStarted" or kind in ENDS:
            self.dates.pop(fields["meeting_id"], None)
            self.running.pop(fields["meeting_id"], None)
        if kind == "MeetingStarted":
            self.running[fields["meeting_id"]] = fields

    def touched_by(self, kind: str, no: Json) -> Iterator[bool]:
        """Of what stands, whether it is what must not stand any longer."""
        everything = (*self.dates.values(), *self.running.values(), *self.letters.values())
        match kind:
            case "ConsentLossNoted":
                yield from (_concerns(no, one) for one in everything)
            case "ConsentWithdrawalNoted":
                yield from (_concerns(no, one) for one in self.running.values())
            case "CaseClosureNoted":
                yield from (True for _ in everything)
