"""Commits put together again from their records on the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from contracts.envelope import Envelope, MalformedEnvelope
from kernel.log import Record
from kernel.store.port import UNKNOWN_REQUEST, Commit, StoredEvent, commit_id


class _Part(NamedTuple):
    envelope: Envelope
    data: str


class Gathering:
    """The commits of one producer in one partition, as its records come.

    A record that comes again begins its commit again or changes nothing; a record that is not
    one of our envelope's says nothing.
    """

    def __init__(self, source: str) -> None:
        self._source = source.encode()
        self._begun: dict[str, list[_Part]] = {}

    @property
    def begun(self) -> list[Envelope]:
        """The last record known of each commit that stands on the log in part."""
        return [parts[-1].envelope for parts in self._begun.values()]

    def whole(self, records: Iterable[Record]) -> list[Commit]:
        """The commits that these records complete, in their order."""
        return [one for record in records for one in self._add(record)]

    def _add(self, record: Record) -> Iterator[Commit]:
        part = self._read(record)
        if part is None:
            return
        envelope = part.envelope
        parts = self._begun.setdefault(envelope.commit, [])
        if envelope.place == 1:
            parts.clear()
        if envelope.place == len(parts) + 1:
            parts.append(part)
        if len(parts) == envelope.size:
            yield _commit(record.partition.topic, self._begun.pop(envelope.commit))
        elif not parts:
            del self._begun[envelope.commit]

    def _read(self, record: Record) -> _Part | None:
        if dict(record.headers).get("ce_source") != self._source:
            return None
        try:
            part = _Part(Envelope.from_headers(record.headers), record.value.decode())
        except (MalformedEnvelope, UnicodeDecodeError):
            return None
        return part if _in_its_place(part.envelope) else None


def _in_its_place(envelope: Envelope) -> bool:
    first = envelope.version - envelope.place + 1
    return commit_id(envelope.stream, first) == envelope.commit


def _commit(topic: str, parts: Sequence[_Part]) -> Commit:
    """All but the hash of the request, which the log does not carry."""
    first = parts[0].envelope
    return Commit(
        stream=first.stream,
        version=first.version,
        subject=first.subject,
        topic=topic,
        source=first.source,
        recorded_at=first.recorded_at,
        command_id=first.command,
        request_hash=UNKNOWN_REQUEST,
        causation=first.causation,
        correlation=first.correlation,
        causes=first.causes,
        role=first.role,
        org=first.org,
        actor=first.actor,
        controller=first.controller,
        traceparent=first.traceparent,
        events=tuple(
            StoredEvent(one.envelope.id, one.envelope.type, one.envelope.happened_at, one.data)
            for one in parts
        ),
    )
