"""Marks and parked streams as MongoDB documents."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from kernel.log import Partition
from kernel.relay.port import Mark, Parked

MARKS = "relay_marks"
PARKED = "relay_parked"
RESTORED = "relay_restored"

Document = dict[str, Any]


def mark_id(partition: Partition) -> str:
    """Such as `rj.case/3`."""
    return f"{partition.topic}/{partition.number}"


def write_mark(mark: Mark) -> Document:
    """The fields to set."""
    return asdict(mark)


def read_mark(document: Document) -> Mark | None:
    """The mark that was written; None where a partition was claimed and never marked."""
    if "log" not in document:
        return None
    return Mark(**{one.name: document[one.name] for one in fields(Mark)})


def write_parked(parked: Parked) -> Document:
    """The document, without its `_id`, which is the stream."""
    return {
        "topic": parked.partition.topic,
        "lane": parked.partition.number,
        "commit": parked.commit,
        "reason": parked.reason,
    }


def read_parked(document: Document) -> Parked:
    """What was written."""
    partition = Partition(document["topic"], document["lane"])
    return Parked(document["_id"], partition, document["commit"], document["reason"])
