"""`rjhub parked`: what waits in any service because it could not be folded, and mending it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from rjhub.child import HubError
from rjhub.hubfile import HubFile
from rjhub.keeper import Say

COLUMNS = ("service", "view", "document", "position", "why", "error", "parked_at")


class NoAnswer(HubError):
    """A service did not answer as it should."""

    exit_code = 13


def show(hub: HubFile, console: Console, *, as_json: bool, records: bool) -> None:
    """Print everything that waits; nothing to print is said too."""
    rows = list(_listed(hub, records=records))
    if as_json:
        console.print_json(json.dumps(rows))
    elif rows:
        console.print(_table(rows))
    else:
        console.print("Nothing is parked.")


def drive(hub: HubFile, say: Say) -> None:
    """Drive everything again, in every service, and say what still stands still."""
    for service in hub.services:
        done = _call(hub, service, "POST", "/parked/drive")
        still = done.get("still_parked", ())
        say(f"{service}: {done.get('documents', 0)} driven, {len(still)} still parked")
        for one in still:
            say(f"  {one['view']} {one['document']}: {one['held_by']}, {one['why']}")


def drop(hub: HubFile, say: Say, service: str, what: dict[str, str]) -> None:
    """Give up one event in one document, for a reason that is kept, and drive the rest."""
    _call(hub, service, "POST", "/parked/drop", what)
    say(f"{what['position']} is given up in {what['view']}: {what['reason']}")


def _listed(hub: HubFile, *, records: bool) -> Iterator[dict[str, Any]]:
    query = "?records=true" if records else ""
    for service in hub.services:
        for item in _call(hub, service, "GET", f"/parked{query}").get("items", ()):
            yield {"service": service, **item}


def _call(
    hub: HubFile, service: str, method: str, path: str, body: dict[str, str] | None = None
) -> dict[str, Any]:
    try:
        answer = httpx.request(
            method,
            hub.services[service] + path,
            headers=hub.headers("operations"),
            json=body,
            timeout=60,
        )
    except httpx.HTTPError as wrong:
        raise NoAnswer(
            f"{service} does not answer: {type(wrong).__name__}. Does the hub run?"
        ) from None
    if answer.status_code == httpx.codes.NOT_FOUND and body is None:
        return {}  # a service without read models has nothing that could park
    if answer.is_error:
        raise NoAnswer(f"{service}: {answer.status_code}: {answer.json().get('detail')}")
    found: dict[str, Any] = answer.json()
    return found


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*(str(row[name] or "") for name in COLUMNS))
    return table
