"""The AsyncAPI 3 document: what the hub sends, for those who subscribe."""

from __future__ import annotations

import json
from typing import Any

from contracts.envelope import PARTITIONS
from contracts.generate.catalogue import KEYS, Entry, published
from contracts.generate.headers import headers_schema, sample_envelope
from contracts.generate.samples import sample_of
from contracts.generate.schemas import Schema
from contracts.upcast import Upcast

BINDING = "0.5.0"
DESCRIPTION = (
    "The public log of the Restorative Justice Hub: facts about cases, in the order in which they "
    "were caused, without names, contacts, reference numbers or free text. docs/events.md says in "
    "words what each event means and what is promised."
)


def document() -> Schema:
    """The whole document, self-contained."""
    entries = published()
    topics = sorted({entry.event.topic for entry in entries})
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic, entries) for topic in topics},
        "operations": {_operation_name(topic): _operation(topic) for topic in topics},
        "components": {
            "schemas": {"Headers": headers_schema()},
            "messages": {
                **{entry.type: _message(entry) for entry in entries},
                **{one.old: _earlier(entry, one) for entry in entries for one in entry.earlier},
            },
        },
    }


def _info() -> Schema:
    return {
        "title": "Restorative Justice Hub: events",
        "version": "1.0.0",
        "description": DESCRIPTION,
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _channel(topic: str, entries: list[Entry]) -> Schema:
    there = [entry for entry in entries if entry.event.topic == topic]
    types = [
        *(entry.type for entry in there),
        *(one.old for entry in there for one in entry.earlier),
    ]
    return {
        "address": topic,
        "title": f"Events by {KEYS[topic]}",
        "description": f"One order per {KEYS[topic]}, which is the record's key. Never compacted.",
        "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in types},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
                "bindingVersion": BINDING,
            }
        },
    }


def _operation_name(topic: str) -> str:
    return "send" + "".join(part.capitalize() for part in topic.split("."))


def _operation(topic: str) -> Schema:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"The services of the hub tell what happened, by {KEYS[topic]}.",
    }


def _message(entry: Entry) -> Schema:
    return {
        "name": entry.type,
        "title": entry.event.__name__,
        "summary": entry.words,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": _payload(entry.type),
        "correlationId": {"location": "$message.header#/ce_correlation"},
        "bindings": {
            "kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": BINDING}
        },
        "examples": [{"headers": _headers(entry), "payload": json.loads(sample_of(entry))}],
    }


def _earlier(entry: Entry, one: Upcast) -> Schema:
    """An earlier version: told no longer, and on the log for ever."""
    message = _message(entry) | {
        "name": one.old,
        "summary": f"{entry.words} An earlier version: {one.words}",
        "payload": _payload(one.old),
    }
    del message["examples"]
    return message


def _payload(wire_type: str) -> Schema:
    return {
        "schemaFormat": "application/schema+json;version=2020-12",
        "schema": {"$ref": f"./schemas/{wire_type}.json"},
    }


def _headers(entry: Entry) -> dict[str, Any]:
    return {name: value.decode() for name, value in sample_envelope(entry).headers()}
