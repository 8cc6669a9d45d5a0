"""A document, and an entry of the queue, as the database keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.errors import BSONError

from contracts.envelope import Position
from kernel.log import Partition, Record
from kernel.project.port import Document, Entry, Parked, Refused, Why

Raw = dict[str, Any]

CODEC: CodecOptions[Raw] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
# Below the database's 16 MiB, so that a document at the limit can still be marked as parked.
LARGEST = 16_000_000


def encode(document: Document) -> bytes | Refused:
    """The document one revision on; Refused where the database could never keep it."""
    raw = to_raw(document)
    try:
        encoded = encode_raw(raw)
        parked = len(encode_raw(raw["_parked"])) if document.parked else 0
    except (BSONError, UnicodeError, OverflowError, RecursionError, TypeError) as wrong:
        return Refused(f"not storable: {type(wrong).__name__}")
    return encoded if len(encoded) - parked <= LARGEST else Refused("the document is too large")


def encode_raw(raw: Raw) -> bytes:
    """BSON as the database keeps it."""
    return bson.encode(raw, codec_options=CODEC)


def decode(encoded: bytes) -> Raw:
    """What was encoded, as the database gives it back."""
    return bson.decode(encoded, codec_options=CODEC)


def read_document(encoded: bytes) -> Document:
    """The document that was encoded."""
    return from_raw(decode(encoded))


def read_entry(encoded: bytes) -> Entry:
    """The entry that was encoded."""
    return entry_from_raw(decode(encoded))


def to_raw(document: Document) -> Raw:
    """The document one revision on, as it is stored."""
    raw = {
        **document.body,
        "_id": document.id,
        "_w": document.folded,
        "_rev": document.revision + 1,
    }
    if document.parked:
        raw["_parked"] = _parked_to_raw(document.parked)
    return raw


def from_raw(raw: Raw) -> Document:
    """A stored document; `raw` becomes its body."""
    parked = raw.pop("_parked", None)
    return Document(
        id=raw.pop("_id"),
        folded=raw.pop("_w"),
        revision=raw.pop("_rev"),
        parked=_parked_from_raw(parked) if parked else None,
        body=raw,
    )


def _parked_to_raw(parked: Parked) -> Raw:
    return {
        "count": parked.count,
        "why": parked.why.name,
        "error": parked.error,
        "held_by": str(parked.held_by),
        "since": parked.since,
    }


def _parked_from_raw(raw: Mapping[str, Any]) -> Parked:
    return Parked(
        count=raw["count"],
        why=Why[raw["why"]],
        error=raw["error"],
        held_by=Position.parse(raw["held_by"]),
        since=raw["since"],
    )


_PLAIN = tuple(
    one.name for one in fields(Entry) if one.name not in ("why", "position", "record", "document")
)


def entry_to_raw(entry: Entry) -> Raw:
    """An entry as it is stored."""
    return {
        "_id": entry.id,
        "why": entry.why.name,
        "position": str(entry.position) if entry.position else None,
        "document": entry.document,
        "record": _record_to_raw(entry.record) if entry.record else None,
        **{name: getattr(entry, name) for name in _PLAIN},
    }


def entry_from_raw(raw: Mapping[str, Any]) -> Entry:
    """A stored entry."""
    document: UUID | None = raw["document"]
    return Entry(
        why=Why[raw["why"]],
        position=Position.parse(raw["position"]) if raw["position"] else None,
        document=document,
        record=_record_from_raw(raw["record"]) if raw["record"] else None,
        **{name: raw[name] for name in _PLAIN},
    )


def _record_to_raw(record: Record) -> Raw:
    return {
        "topic": record.partition.topic,
        "partition": record.partition.number,
        "offset": record.offset,
        "key": record.key,
        "headers": [list(one) for one in record.headers],
        "value": record.value,
    }


def _record_from_raw(raw: Mapping[str, Any]) -> Record:
    return Record(
        partition=Partition(raw["topic"], raw["partition"]),
        offset=raw["offset"],
        key=raw["key"],
        headers=tuple((name, value) for name, value in raw["headers"]),
        value=raw["value"],
    )
