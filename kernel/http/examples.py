"""A valid example of a model, made from its JSON Schema unless the model brings its own."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

Json = dict[str, Any]

_TEXT = {
    "uuid": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
    "date-time": "2026-11-22T09:30:00Z",
    "date": "2026-11-22",
    "uri": "https://example.org/",
}


@cache
def example_of(model: type[BaseModel]) -> Any:
    """The model's first own example, or one that has each required field and no optional one."""
    schema = model.model_json_schema()
    own = schema.get("examples")
    return own[0] if own else _value(schema, schema.get("$defs", {}))


def _value(schema: Json, parts: Json) -> Any:
    if "$ref" in schema:
        return _value(parts[schema["$ref"].rpartition("/")[2]], parts)
    for said in ("const", "default"):
        if said in schema:
            return schema[said]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    several = schema.get("anyOf") or schema.get("oneOf")
    return _value(several[0], parts) if several else _of_type(schema, parts)


def _of_type(schema: Json, parts: Json) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, parts)
        case "array":
            return _array(schema, parts)
        case "string":
            return _TEXT.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
    return None


def _object(schema: Json, parts: Json) -> Json:
    needed = schema.get("required", [])
    return {name: _value(schema["properties"][name], parts) for name in needed}


def _array(schema: Json, parts: Json) -> list[Any]:
    if "prefixItems" in schema:
        return [_value(one, parts) for one in schema["prefixItems"]]
    one = _value(schema.get("items", {}), parts)
    return [one] * schema.get("minItems", 1 if "items" in schema else 0)
