"""JSON Schema 2020-12 of each event version."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import ModelSchema

from contracts.envelope import Event
from contracts.fields import Part
from contracts.generate.catalogue import Entry

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Field names say enough; titles made of them are noise."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: ModelSchema) -> Schema:
        """With the words below each field: a service needs none, and would read its source."""
        made = super().model_schema(schema)
        for name, words in _words_of(schema["cls"]).items():
            made["properties"][name]["description"] = words
        return made


def _words_of(model: type[BaseModel]) -> dict[str, str]:
    """What stands below each field of a model and of those that it extends."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, Part) and one is not Part:
            found |= _words_in(one)
    return {name: words for name, words in found.items() if name in model.model_fields}


def _words_in(model: type[Part]) -> dict[str, str]:
    """The docstring of each field that stands in the class itself."""
    (written,) = ast.parse(dedent(inspect.getsource(model))).body
    return {
        field.target.id: inspect.cleandoc(words)
        for field, below in pairwise(cast("ast.ClassDef", written).body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(words := below.value.value, str)
    }


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
