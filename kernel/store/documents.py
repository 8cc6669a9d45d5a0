"""A commit as a MongoDB document, and back: plain text, numbers and lists in every field.

Ids and moments are text, so that every client, shell and backup reads them alike; a moment has
always the same width (UTC, microseconds), so that text order is time order and nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Position, Topic
from contracts.fields import ActorId, OrganisationId, Role
from kernel.store.port import Commit, StoredEvent

COLLECTION = "commits"
PENDING = "pending"

Document = dict[str, Any]


def to_document(commit: Commit) -> Document:
    """The document to insert; `pending` is true until the relay unsets it.

    What is private never goes on the log, so it is never pending.
    """
    pending = {} if commit.topic == Topic.PRIVATE else {PENDING: True}
    return {
        "_id": commit.id,
        "stream": commit.stream,
        "version": commit.version,
        "n": len(commit.events),
        "lane": commit.lane,
        "topic": commit.topic,
        "subject": str(commit.subject),
        "source": commit.source,
        "recorded_at": write_moment(commit.recorded_at),
        "command_id": str(commit.command_id),
        "request_hash": commit.request_hash,
        "causation": _write_id(commit.causation),
        "correlation": str(commit.correlation),
        "causes": [str(cause) for cause in commit.causes],
        "role": commit.role.value,
        "org": str(commit.org),
        "actor": str(commit.actor),
        "controller": str(commit.controller),
        "traceparent": commit.traceparent,
        "events": [_write_event(event) for event in commit.events],
        **pending,
    }


def from_document(document: Mapping[str, Any]) -> Commit:
    """The commit that was written, equal to it in every field, pending or not."""
    return Commit(
        stream=document["stream"],
        version=document["version"],
        subject=UUID(document["subject"]),
        topic=document["topic"],
        source=document["source"],
        recorded_at=read_moment(document["recorded_at"]),
        command_id=UUID(document["command_id"]),
        request_hash=document["request_hash"],
        causation=_read_id(document["causation"]),
        correlation=UUID(document["correlation"]),
        causes=tuple(map(Position.parse, document["causes"])),
        role=Role(document["role"]),
        org=OrganisationId(UUID(document["org"])),
        actor=ActorId(UUID(document["actor"])),
        controller=OrganisationId(UUID(document["controller"])),
        traceparent=document["traceparent"],
        events=tuple(map(_read_event, document["events"])),
    )


def write_moment(moment: datetime) -> str:
    """A moment as text of one width, `2026-03-02T10:00:00.000000Z`; it sorts by time."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_moment(text: str) -> datetime:
    """The moment that was written, in UTC."""
    return datetime.fromisoformat(text)


def _write_event(event: StoredEvent) -> Document:
    return {
        "id": str(event.id),
        "type": event.type,
        "happened_at": write_moment(event.happened_at),
        "data": event.data,
    }


def _read_event(document: Mapping[str, Any]) -> StoredEvent:
    return StoredEvent(
        id=UUID(document["id"]),
        type=document["type"],
        happened_at=read_moment(document["happened_at"]),
        data=document["data"],
    )


def _write_id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _read_id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
