"""JSON Schema 2020-12 of each event version."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from contracts.envelope import Event
from contracts.generate.catalogue import Entry

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Field names say enough; titles made of them are noise."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema_id(wire_type: str) -> str:
    return f"urn:rjhub:schema:{wire_type}"


def schema_of(entry: Entry) -> Schema:
    """The schema of an event's data, closed: what is not named is not written."""
    made = _made_of(entry.event)
    head = {
        "$schema": DIALECT,
        "$id": schema_id(entry.type),
        "title": entry.type,
        "description": entry.words,
        "x-topic": entry.event.topic,
        "x-key": entry.key,
        "x-services": list(entry.services),
    }
    return head | {name: part for name, part in made.items() if name not in head}


@cache
def _made_of(event: type[Event]) -> Schema:
    """Never to be changed: schema, AsyncAPI and reference are all made from it."""
    return event.model_json_schema(schema_generator=_Plain)
