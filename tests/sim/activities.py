"""No activity without live consent (G4), read off the streams of consent and facilitation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.sim.consents import Agreed, Consents, kind_of
from tests.sim.evidence import Evidence
from tests.sim.noes import begun_before_a_no, ended_by_a_no

Json = dict[str, Any]

ACTIVITY = ("meeting_id", "letter_id", "message_id")


def nothing_without_consent(evidence: Evidence) -> Iterator[str]:
    """The quorum said is true, clearances rest on it, starts on clearances; losses end them."""
    cleared: dict[str, Json] = {}
    for stream, commits in streams(evidence, "consent").items():
        yield from _truly_said(stream, commits, cleared)
    for commits in streams(evidence, "facilitation").values():
        yield from _begun_by_clearance(commits, cleared)
        yield from begun_before_a_no(commits)
        yield from ended_by_a_no(commits)
    yield from _after_what_was_acknowledged(evidence, cleared)


def streams(evidence: Evidence, category: str) -> dict[str, list[Json]]:
    """The commits of each stream of a category, in order."""
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for one in sorted(evidence.every_commit(), key=lambda one: one["_id"]):
        if one["stream"].startswith(f"{category}-"):
            found[one["stream"]].append(one)
    return dict(found)


def _truly_said(stream: str, commits: list[Json], cleared: dict[str, Json]) -> Iterator[str]:
    consents = Consents()
    for commit in commits:
        now = datetime.fromisoformat(commit["recorded_at"])
        for event in commit["events"]:
            if kind_of(event) == "ActivityCleared":
                yield from _rests_on_consent(commit, event["fields"], consents, now)
                place = {"stream": stream, "version": commit["version"]}
                cleared[event["fields"]["clearance_id"]] = event["fields"] | place
            elif kind_of(event) == "ConsentExpired":
                yield from _ends_truly(commit, event["fields"], consents, now)
            stood = consents.everything_live(now)
            consents.hear(event)
            if "ends" in event["fields"]:
                stands = consents.everything_live(now)
                yield from _names_whose_yes_ends(commit, event["fields"]["ends"], stood, stands)
        if consents.said != consents.quorum(now):
            yield f"G4 {commit['_id']} says {consents.said}, true is {consents.quorum(now)}"


def _ends_truly(commit: Json, fields: Json, consents: Consents, now: datetime) -> Iterator[str]:
    """What an end takes away is worked out anew: the case hears of nothing else."""
    took_part = any(one.takes_part for one in consents.yeses if one.id == fields["consent_id"])
    who = fields["participant_id"]
    ended = [way for way in fields["methods"] if took_part and not consents.live(who, way, now)]
    if fields["no_longer"] != ended:
        yield f"G4 {commit['_id']} ends {fields['no_longer']}, true is {ended}"


def _names_whose_yes_ends(
    commit: Json, ends: list[Json], stood: set[Agreed], stands: set[Agreed]
) -> Iterator[str]:
    """Where there is no no, the case hears of nothing else."""
    named = {(one["participant_id"], way) for one in ends for way in one["methods"]}
    if unsaid := stood - stands - named:
        yield f"G4 {commit['_id']} ends without a word {sorted(unsaid)}"
    if named & stands:
        yield f"G4 {commit['_id']} ends {sorted(named & stands)}, which stands"


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


def _begun_by_clearance(commits: list[Json], cleared: dict[str, Json]) -> Iterator[str]:
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


def _after_what_was_acknowledged(evidence: Evidence, cleared: dict[str, Json]) -> Iterator[str]:
    """What was asked for after somebody's no had been answered was cleared after that no."""
    noes = [one for one in _accepted(evidence) if one["name"] == "WithdrawConsent"]
    for answer, clearance in _begun(evidence, cleared):
        for no in noes:
            known = no["stream"] == clearance["stream"] and no["answered"] < answer["asked"]
            if known and no["version"] > clearance["version"]:
                yield f"G4 {answer['commit']} overlooks {no['commit']}"


def _begun(evidence: Evidence, cleared: dict[str, Json]) -> Iterator[tuple[Json, Json]]:
    """What was begun by an answer that is no repeated one, with its clearance."""
    for answer in _accepted(evidence):
        for event in answer["events"] if not answer["repeated"] else ():
            clearance = cleared.get(json.loads(event["data"]).get("cleared_by", ""))
            if clearance:
                yield answer, clearance


def _accepted(evidence: Evidence) -> list[Json]:
    return [one for one in evidence.answers if one["outcome"] == "accepted"]
