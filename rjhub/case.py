"""`rjhub case show`: one case as the hub knows it, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

from rich.console import Console
from rich.table import Table

from rjhub import parked
from rjhub.child import HubError
from rjhub.reach import Asking, Json, NotAllowed, NotThere

ROLE = "coordinator"
PAGE = "100"


class NoSuchCase(HubError):
    """Nothing is told of this case."""

    exit_code = 17


def show(hub: Asking, console: Console, case: UUID, *, as_json: bool) -> None:
    """Print status, consent per method, timeline and what is parked; raises NoSuchCase."""
    found = gather(hub, case)
    if as_json:
        print(json.dumps(found, indent=2))  # noqa: T201  for programs
        return
    if status := found["status"]:
        console.print(_facts(status))
        console.print(_consents(status))
        console.print(_timeline(found["timeline"]))
    if found["parked"]:
        console.print(parked.table(found["parked"]))
    elif found["parked"] is None:
        console.print("What is parked is told to operations only.")
    else:
        console.print("Nothing of it is parked.")


def gather(hub: Asking, case: UUID) -> Json:
    """All that is known; raises NoSuchCase where that is nothing."""
    waiting = _waiting(hub, case)
    try:
        status = hub.ask("reporting", f"/cases/{case}", ROLE)
        timeline = list(_entries(hub, case))
    except NotThere:
        if not waiting:
            raise NoSuchCase(f"The hub knows no case {case}.") from None
        status, timeline = {}, []
    return {"status": status, "timeline": timeline, "parked": waiting}


def _entries(hub: Asking, case: UUID) -> Iterator[Json]:
    where: dict[str, str] = {}
    while True:
        page = hub.ask("reporting", f"/cases/{case}/timeline", ROLE, limit=PAGE, **where)
        yield from page["items"]
        if page["next"] is None:
            return
        where = {"cursor": page["next"]}


def _waiting(hub: Asking, case: UUID) -> list[Json] | None:
    """What is parked in a document of this case; None where the token may not ask that."""
    try:
        return [one for one in hub.parked() if one["document"] == str(case)]
    except NotAllowed:
        return None


def _facts(status: Json) -> Table:
    found = Table(show_header=False, title=f"Case {status['case']}")
    people = ", ".join(f"{n} {_plain(role)}" for role, n in status["participants"].items())
    rows = {
        "Status": _plain(status["status"]),
        "Setting": _plain(status["setting"]),
        "Requested": _when(status["requested_at"]),
        "Decided": _when(status["decided_at"]),
        "Closed": _when(status["closed_at"]),
        "Outcome": _plain(status["outcome"]),
        "On hold": _hold(status["hold"]),
        "Participants": people,
        "Everybody agrees to": ", ".join(map(_plain, status["agreed_methods"])) or "nothing",
        "Stands still": "yes: an event is parked" if status["parked"] else "",
    }
    for name, value in rows.items():
        if value:
            found.add_row(name, value)
    return found


def _consents(status: Json) -> Table:
    """A row for each participant and method that something was said of."""
    found = Table("Participant", "Informed", "Method", "Said", "Until", title="Consent")
    for one in status["consents"] or ():
        answers: list[Json] = one["answers"] or [{}]
        for said in answers:
            found.add_row(
                _plain(one["role"]),
                "yes" if one["informed"] else "no",
                _plain(said.get("method")),
                _plain(said.get("said")),
                _when(said.get("valid_until")),
            )
    return found


def _timeline(entries: list[Json]) -> Table:
    found = Table("When", "Who", "What", "Because", title="Timeline")
    for one in entries:
        said = _when(one["happened_at"]), _plain(one["role"]), one["words"], one["cause"] or ""
        found.add_row(*said)
    return found


def _hold(hold: Json | None) -> str:
    return f"{_plain(hold['reason'])}, looked at {_when(hold['review_at'])}" if hold else ""


def _plain(name: str | None) -> str:
    return (name or "").replace("_", " ")


def _when(moment: str | None) -> str:
    return (moment or "")[:16].replace("T", " ")
