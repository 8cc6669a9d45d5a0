"""The checker: from answers, commits, logs and documents alone, what was promised and not kept.

It shares no code with the services, and knows of the published language only names and fields.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.sim.activities import nothing_without_consent
from tests.sim.effects import one_effect_each
from tests.sim.evidence import Evidence
from tests.sim.serial import as_told_one_by_one

Json = dict[str, Any]


def check(evidence: Evidence) -> list[str]:
    """Each broken promise in words that begin with the guarantee's number; none is good."""
    return [
        *evidence.findings,
        *acknowledged_is_there(evidence),
        *stored_in_order(evidence),
        *first_occurrences_in_order(evidence),
        *first_answer_again(evidence),
        *one_effect_each(evidence),
        *nothing_without_consent(evidence),
        *as_told_one_by_one(evidence),
    ]


def acknowledged_is_there(evidence: Evidence) -> Iterator[str]:
    """G1: what was answered is stored, and what is stored is on the log, word for word."""
    stored = {one["_id"]: one for one in evidence.every_commit()}
    for answer in evidence.answers:
        if answer["outcome"] == "accepted":
            found = stored.get(answer["commit"])
            if found is None or _texts(found["events"]) != _texts(answer["events"]):
                yield f"G1 {answer['commit']} was acknowledged and is not stored so"
    on_log = _by_id(evidence.logs[-1])
    for commit in stored.values():
        if commit["topic"] != "private":
            yield from _missing(commit, on_log)


def stored_in_order(evidence: Evidence) -> Iterator[str]:
    """G2: a stream's commits follow each other, in place and in time; a command has one."""
    streams: defaultdict[str, list[Json]] = defaultdict(list)
    for one in evidence.every_commit():
        streams[one["stream"]].append(one)
    for stream, commits in streams.items():
        version, at, commands = 0, "", set[str]()
        for one in sorted(commits, key=lambda one: one["version"]):
            if one["version"] != version + 1:
                yield f"G2 {one['_id']} follows {stream}@{version}"
            if one["recorded_at"] < at:
                yield f"G2 {one['_id']} was recorded before what it follows"
            if one["command_id"] in commands:
                yield f"G3 {one['_id']} is the second answer to its command"
            version, at = version + one["n"], one["recorded_at"]
            commands.add(one["command_id"])


def first_occurrences_in_order(evidence: Evidence) -> Iterator[str]:
    """G2: on every log that there ever was, in version order and after their causes."""
    for number, log in enumerate(evidence.logs, start=1):
        for partition, records in log.items():
            for wrong in _out_of_order(records):
                yield f"G2 on log {number}, {partition}: {wrong}"


def first_answer_again(evidence: Evidence) -> Iterator[str]:
    """G3: what was once accepted is never answered otherwise by whoever asks again."""
    first: dict[tuple[str, str, str], Json] = {}
    for answer in sorted(evidence.answers, key=lambda one: one["answered"]):
        if answer["outcome"].startswith("failed"):
            yield f"G3 {answer['name']} {answer['outcome']}"
        asked = answer["key"], answer["name"], answer["subject"]
        known = first.get(asked)
        if known is None:
            if answer["outcome"] == "accepted":
                first[asked] = answer
        elif answer["asked"] > known["answered"] and not _same(known, answer):
            yield f"G3 {known['commit']} was then answered {answer['outcome']}"


def _same(known: Json, answer: Json) -> bool:
    return bool(answer["outcome"] == "unknown" or answer.get("commit") == known["commit"])


def _out_of_order(records: list[Json]) -> Iterator[str]:
    heads: dict[str, int] = {}
    for one in records:
        stream, version = one["ce_stream"], int(one["ce_version"])
        if version <= heads.get(stream, 0):
            continue
        if version != heads.get(stream, 0) + 1:
            yield f"{stream}@{version} stands after {heads.get(stream, 0)}"
        heads[stream] = version
        for cause in _near(one):
            of, _, at = cause.rpartition("@")
            if of != stream and heads.get(of, 0) < int(at):
                yield f"{stream}@{version} stands before its cause {cause}"


def _near(one: Json) -> list[str]:
    """The causes that share the ordering key; elsewhere there is no order to keep."""
    causes = filter(None, one.get("ce_causes", "").split(","))
    return [cause for cause in causes if one["ce_subject"] in cause]


def _missing(commit: Json, on_log: Mapping[str, Json]) -> Iterator[str]:
    for place, event in enumerate(commit["events"]):
        found = on_log.get(event["id"])
        if found is None:
            yield f"G1 {commit['_id']} never came to the log"
        elif (found["value"], int(found["ce_version"])) != (
            event["data"],
            commit["version"] + place,
        ):
            yield f"G1 {commit['_id']} says something else on the log"


def _by_id(log: Mapping[str, list[Json]]) -> dict[str, Json]:
    return {one["ce_id"]: one for records in log.values() for one in records}


def _texts(events: list[Json]) -> list[tuple[str, str]]:
    return [(one["type"], one["data"]) for one in events]
