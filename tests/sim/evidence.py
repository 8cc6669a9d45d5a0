"""What a history leaves behind, as plain data: answers, commits, logs and documents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.log import Partition, Record
from kernel.project.documents import to_raw
from kernel.service import Service
from kernel.store.documents import to_document
from kernel.testing.simulate.databases import Databases
from kernel.testing.simulate.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Dealt:
    """What a history began with: a deck of this name, so many answers, these commits."""

    deck: str
    answers: int
    commits: frozenset[str]


@dataclass
class Evidence:
    """For the checker, which knows nothing else."""

    answers: list[Json]
    commits: dict[str, list[Json]]
    logs: list[dict[str, list[Json]]]
    documents: dict[str, dict[str, dict[str, Json]]]
    services: Sequence[Service]
    trace: str
    seconds: float
    dealt: Dealt
    findings: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def every_commit(self) -> list[Json]:
        """Those of all services."""
        return [one for commits in self.commits.values() for one in commits]


def gather(
    world: World, answers: list[Json], services: Sequence[Service], dealt: Dealt
) -> Evidence:
    """Everything that can be seen from outside once all is done."""
    logs = [_log(one) for one in (*world.past, world.records())]
    world.loop.note(json.dumps(logs, sort_keys=True))
    return Evidence(
        answers=answers,
        commits={name: _commits(one) for name, one in world.databases.items()},
        logs=logs,
        documents={name: _documents(world, name) for name in world.databases},
        services=services,
        trace=world.loop.trace(),
        seconds=world.loop.time(),
        dealt=dealt,
    )


def _commits(databases: Databases) -> list[Json]:
    found = [to_document(one) for one in databases.commits.durable()]
    for commit in found:
        for event in commit["events"]:
            event["fields"] = json.loads(event["data"])
    return found


def _log(records: Mapping[Partition, Sequence[Record]]) -> dict[str, list[Json]]:
    return {f"{one.topic}/{one.number}": [*map(_record, held)] for one, held in records.items()}


def _record(record: Record) -> Json:
    headers = {name: value.decode() for name, value in record.headers}
    return {**headers, "key": record.key.decode(), "value": record.value.decode()}


def _documents(world: World, name: str) -> dict[str, dict[str, Json]]:
    service, documents = world.services[name], world.databases[name].documents
    views = [one.view for one in service.projections] + [
        f"{one.name}__1" for one in service.policies
    ]
    return {
        view: {str(key): to_raw(one) for key, one in documents.all(view).items()} for view in views
    }
