"""No activity without live consent (G4), read off the streams of consent and facilitation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.sim.consents import Consents, kind_of
from tests.sim.evidence import Evidence

Json = dict[str, Any]

ACTIVITY = ("meeting_id", "letter_id", "message_id")
BEGIN = ("MeetingStarted",)
END = ("MeetingHeld", "MeetingStopped")


def nothing_without_consent(evidence: Evidence) -> Iterator[str]:
    """The quorum said is true, clearances rest on it, starts on clearances; losses end them."""
    cleared: dict[str, Json] = {}
    for stream, commits in _streams(evidence, "consent").items():
        yield from _truly_said(stream, commits, cleared)
    for stream, commits in _streams(evidence, "facilitation").items():
        yield from _begun_by_clearance(stream, commits, cleared)
        yield from _ended_by_loss(stream, commits)


def _streams(evidence: Evidence, category: str) -> dict[str, list[Json]]:
    streams: defaultdict[str, list[Json]] = defaultdict(list)
    for one in sorted(evidence.every_commit(), key=lambda one: one["_id"]):
        if one["stream"].startswith(f"{category}-"):
            streams[one["stream"]].append(one)
    return dict(streams)


def _truly_said(stream: str, commits: list[Json], cleared: dict[str, Json]) -> Iterator[str]:
    consents = Consents()
    for commit in commits:
        now = datetime.fromisoformat(commit["recorded_at"])
        for event in commit["events"]:
            if kind_of(event) == "ActivityCleared":
                yield from _rests_on_consent(commit, event["fields"], consents, now)
                cleared[event["fields"]["clearance_id"]] = {**event["fields"], "stream": stream}
            consents.hear(event)
        if consents.said != consents.quorum(now):
            yield f"G4 {commit['_id']} says {consents.said}, true is {consents.quorum(now)}"


def _rests_on_consent(
    commit: Json, fields: Json, consents: Consents, now: datetime
) -> Iterator[str]:
    method = fields["method"]
    if method not in consents.quorum(now):
        yield f"G4 {commit['_id']} clears {method} without a quorum"
    if not all(consents.live(who, method, now) for who in fields["attendees"]):
        yield f"G4 {commit['_id']} clears somebody who does not consent"
    if not consents.standing(fields["consents"], method, now):
        yield f"G4 {commit['_id']} rests on a consent that does not stand"


def _begun_by_clearance(
    stream: str, commits: list[Json], cleared: dict[str, Json]
) -> Iterator[str]:
    used: set[str] = set()
    for commit in commits:
        for event in commit["events"]:
            fields = event["fields"]
            if "cleared_by" not in fields:
                continue
            clearance = cleared.get(fields["cleared_by"])
            if clearance is None or clearance["stream"].partition("-")[2] != commit["subject"]:
                yield f"G4 {commit['_id']} begins on no clearance of its case"
                continue
            if fields["cleared_by"] in used:
                yield f"G4 {commit['_id']} begins on a used clearance"
            used.add(fields["cleared_by"])
            yield from _as_cleared(commit, fields, clearance)


def _as_cleared(commit: Json, fields: Json, clearance: Json) -> Iterator[str]:
    activity = next((fields[one] for one in ACTIVITY if one in fields), None)
    if (activity, fields["method"]) != (clearance["activity_id"], clearance["method"]):
        yield f"G4 {commit['_id']} begins something else than was cleared"
    if not set(fields["attendees"]) <= set(clearance["attendees"]):
        yield f"G4 {commit['_id']} is attended by somebody who was not cleared"


def _ended_by_loss(stream: str, commits: list[Json]) -> Iterator[str]:
    """A loss that is noted ends in its own commit what runs by that method or with that person."""
    runs: dict[str, Json] = {}
    for commit in commits:
        for event in commit["events"]:
            fields = event["fields"]
            if kind_of(event) in BEGIN:
                runs[fields["meeting_id"]] = fields
            elif kind_of(event) in END:
                runs.pop(fields["meeting_id"], None)
        for event in commit["events"]:
            if any(_touches(event, one) for one in runs.values()):
                yield f"G4 {commit['_id']} notes a loss, and what it concerns runs on"


def _touches(event: Json, meeting: Json) -> bool:
    fields = event["fields"]
    match kind_of(event):
        case "ConsentLossNoted":
            return bool(fields["method"] == meeting["method"])
        case "ConsentWithdrawalNoted":
            concerned = fields["participant_id"] in meeting["attendees"]
            return concerned and meeting["method"] in fields["methods"]
        case _:
            return False
