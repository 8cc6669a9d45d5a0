"""What OpenAPI says of a route: roles, headers, an example, every problem it may answer."""

from __future__ import annotations

import re
from typing import Any

from kernel.http.examples import example_of
from kernel.http.policy import Policy
from kernel.http.problems import MEDIA_TYPE, Kind, ProblemBody
from kernel.http.routes import CommandRoute

Json = dict[str, Any]

PROBLEM = {"$ref": "#/components/schemas/Problem"}

_ALWAYS = (
    Kind.BAD_REQUEST,
    Kind.NOT_SIGNED_IN,
    Kind.NOT_ALLOWED,
    Kind.NOT_FOUND,
    Kind.PARKED,
    Kind.TOO_SLOW,
    Kind.TOO_LARGE,
    Kind.INVALID,
    Kind.INTERNAL,
    Kind.UNAVAILABLE,
    Kind.NOT_YET,
)
_OF_COMMANDS = (Kind.REFUSED, Kind.CHANGED, Kind.NOT_JSON, Kind.KEY_REUSED)

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A new random uuid per command; the same again when it is repeated.",
    "schema": {"type": "string", "format": "uuid"},
    "example": "5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer: nothing is done if the record has changed.",
    "schema": {"type": "string"},
}


def words_of(name: str) -> str:
    """`ScreenReferral` and `show_case` as words: a summary."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()
    return words[:1].upper() + words[1:]


def roles(policy: Policy) -> Json:
    """The policy, as an extension that readers of the document see."""
    within = {"x-hub-only": True} if policy.hub_only else {}
    return {"x-roles": sorted(policy.roles), **within, "security": [{"token": []}]}


def command_extra(row: CommandRoute) -> Json:
    """Roles, the headers of commands, and an example body that is valid."""
    content = {"application/json": {"example": example_of(row.body)}}
    return {
        **roles(row.policy),
        "parameters": [_KEY, _IF_MATCH],
        "requestBody": {"content": content},
    }


def can_extra(row: CommandRoute, method: str) -> Json:
    """Roles as of the command itself, and for its body the same example."""
    if method == "GET":
        return roles(row.policy)
    content = {"application/json": {"example": example_of(row.body)}}
    return {**roles(row.policy), "requestBody": {"content": content}}


def command_answers(row: CommandRoute, *, placed: bool) -> dict[int | str, Json]:
    """The headers of success, and every problem; `placed` where what it opens has a place."""
    headers = {"ETag": _header("The record's stream and version, for If-Match and After.")}
    if placed:
        headers["Location"] = _header("Where the new record is, seen from here.")
    success: Json = {"description": "Recorded, durably.", "headers": headers}
    return {200 if row.subject else 201: success, **_problems(*_ALWAYS, *_OF_COMMANDS)}


def query_answers() -> dict[int | str, Json]:
    """Every problem a question may be answered with."""
    return _problems(*_ALWAYS)


def completed(schema: Json) -> Json:
    """The whole document, with the problem's schema and the token's scheme."""
    parts = schema.setdefault("components", {})
    made = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    parts.setdefault("schemas", {}).update({**made.pop("$defs", {}), "Problem": made})
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    return schema


def _header(words: str) -> Json:
    return {"description": words, "schema": {"type": "string"}}


def _problems(*kinds: Kind) -> dict[int | str, Json]:
    found: dict[int | str, Json] = {}
    for kind in kinds:
        former = found.get(kind.status, {}).get("description")
        words = f"{former}; or: {kind.title}" if former else kind.title
        found[kind.status] = {"description": words, "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
    return found
