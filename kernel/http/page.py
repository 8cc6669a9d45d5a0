"""The OpenAPI document as one page of plain HTML: no script, nothing loaded from anywhere."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from typing import Any

from starlette.responses import HTMLResponse, Response

from kernel.http.problems import Kind

Json = dict[str, Any]

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b; background: #fff }
summary { cursor: pointer; padding: .5rem 0; border-top: 1px solid #b1b4b6 }
code, pre { font: 14px/1.5 ui-monospace, monospace; background: #f3f2f1; padding: .1rem .3rem }
pre { padding: .75rem; overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-bottom: 1px solid #d8d8d8 }
caption { text-align: left; font-weight: 600 }
.verb { display: inline-block; min-width: 3.5rem; font-weight: 700 }
"""

POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def response(schema: Json) -> Response:
    """The page, under a policy that lets it load nothing and run nothing."""
    return HTMLResponse(render(schema), headers={"Content-Security-Policy": POLICY})


def render(schema: Json) -> str:
    """The page's text."""
    title = escape(schema["info"]["title"])
    operations = "".join(
        _operation(schema, path, verb, one)
        for path, verbs in schema["paths"].items()
        for verb, one in verbs.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{title}</h1><p>Version {escape(schema['info']['version'])}. "
        'The same for programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"{operations}{_problems()}</main></body></html>"
    )


def _operation(schema: Json, path: str, verb: str, one: Json) -> str:
    return (
        f'<details><summary><span class="verb">{escape(verb.upper())}</span> '
        f"<code>{escape(path)}</code> {escape(one.get('summary', ''))}</summary>"
        f"<p>{escape(one.get('description', ''))}</p>"
        f"<p>For: {escape(', '.join(one.get('x-roles', [])))}"
        f"{' of the hub' if one.get('x-hub-only') else ''}</p>"
        f"{_parameters(one)}{_body(schema, one)}{_answers(one)}</details>"
    )


def _parameters(one: Json) -> str:
    rows = (
        (given["name"], given["in"], _needed(given.get("required")), given.get("description", ""))
        for given in one.get("parameters", [])
    )
    return _table("Headers and parameters", ("name", "in", "", "what it is"), rows)


def _body(schema: Json, one: Json) -> str:
    content = one.get("requestBody", {}).get("content", {}).get("application/json")
    if not content:
        return ""
    example = escape(json.dumps(content.get("example"), indent=2))
    model = _resolved(schema, content["schema"])
    rows = (
        (name, _type(schema, kind), _needed(name in model.get("required", ())), _words(kind))
        for name, kind in model.get("properties", {}).items()
    )
    shown = f"<pre>{example}</pre>" if "example" in content else ""
    return _table("Body", ("field", "type", "", "what it is"), rows) + shown


def _answers(one: Json) -> str:
    rows = ((status, said.get("description", "")) for status, said in one["responses"].items())
    return _table("Answers", ("status", "when"), sorted(rows))


def _problems() -> str:
    rows = ((kind.uri, str(kind.status), kind.title) for kind in Kind)
    return _table("Problems (RFC 9457)", ("type", "status", "title"), rows)


def _table(caption: str, heads: tuple[str, ...], rows: Any) -> str:
    cells = "".join(_row("td", one) for one in rows)
    if not cells:
        return ""
    return f"<table><caption>{caption}</caption>{_row('th', heads)}{cells}</table>"


def _row(tag: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(one)}</{tag}>' for one in cells)}</tr>"


def _needed(required: object) -> str:
    return "needed" if required else ""


def _words(kind: Json) -> str:
    return str(kind.get("description", ""))


def _resolved(schema: Json, kind: Json) -> Json:
    name = kind.get("$ref", "").rpartition("/")[2]
    return dict(schema["components"]["schemas"][name]) if name else kind


def _type(schema: Json, kind: Json) -> str:
    return " or ".join(dict.fromkeys(_types(schema, kind)))


def _types(schema: Json, kind: Json) -> Iterator[str]:
    found = _resolved(schema, kind)
    for one in found.get("anyOf", []):
        yield from _types(schema, one)
    if "enum" in found:
        yield f"one of {', '.join(map(str, found['enum']))}"
    elif found.get("type") == "array":
        yield f"list of {_type(schema, found.get('items', {}))}"
    elif "type" in found:
        yield str(found.get("format") or found["type"])
