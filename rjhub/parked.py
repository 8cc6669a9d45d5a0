"""`rjhub parked`: what waits in any service because it could not be folded, and mending it."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from rjhub.keeper import Say
from rjhub.reach import Asking, NotThere

COLUMNS = ("service", "view", "document", "position", "why", "error", "parked_at")


def show(hub: Asking, console: Console, *, as_json: bool, records: bool) -> None:
    """Print everything that waits; nothing to print is said too."""
    rows = list(hub.parked(records=records))
    if as_json:
        console.print_json(json.dumps(rows))
    elif rows:
        console.print(table(rows))
    else:
        console.print("Nothing is parked.")


def drive(hub: Asking, say: Say) -> None:
    """Drive everything again, in every service, and say what still stands still."""
    for service in hub.hub.services:
        try:
            done = hub.call(service, "POST", "/parked/drive")
        except NotThere:
            continue
        still = done["still_parked"]
        say(f"{service}: {done['documents']} driven, {len(still)} still parked")
        for one in still:
            say(f"  {one['view']} {one['document']}: {one['held_by']}, {one['why']}")
        if unreadable := done.get("unreadable"):
            say(f"  {unreadable} records that nobody can read; `rjhub parked` names them")


def drop(hub: Asking, say: Say, service: str, what: dict[str, str]) -> None:
    """Give up one event in one document, for a reason that is kept, and drive the rest."""
    hub.call(service, "POST", "/parked/drop", body=what)
    say(f"{what['position']} is given up in {what['view']}: {what['reason']}")


def drop_record(hub: Asking, say: Say, service: str, record: str, reason: str) -> None:
    """Give up a record that nobody can read, for a reason that is kept."""
    hub.call(service, "POST", "/parked/drop-record", body={"record": record, "reason": reason})
    say(f"{record} is given up: {reason}")


def table(rows: list[dict[str, Any]]) -> Table:
    """What is parked, one event a row; what nobody can read is named by its id."""
    found = Table(*COLUMNS)
    for row in rows:
        named = row if row["position"] else {**row, "position": row["id"]}
        found.add_row(*(str(named[name] or "") for name in COLUMNS))
    return found
