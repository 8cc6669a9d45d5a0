"""`rjhub parked`: a table, JSON, and what came of driving it all again."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from rjhub import parked
from rjhub.cli import app
from rjhub.reach import NoAnswer
from tests.unit.rjhub.test_reach import PARKED, asking

ROW = {**PARKED, "record": "Zm9v"}


def shown(*, as_json: bool = False, records: bool = False, items: tuple[object, ...] = ()) -> str:
    out = io.StringIO()
    hub = asking((200, {"items": list(items)}))
    parked.show(hub, Console(file=out, width=250), as_json=as_json, records=records)
    return out.getvalue()


def test_what_is_parked_is_a_table_with_a_row_for_each() -> None:
    told = shown(items=(PARKED, {**PARKED, "position": "referral-1@3"}))
    for word in ("reporting", "timeline__1", PARKED["document"], "referral-1@2", "referral-1@3"):
        assert word in told
    assert told.count("undecodable") == 2


def test_for_programs_it_is_json_with_the_service_and_the_record_where_asked_for() -> None:
    assert json.loads(shown(as_json=True, records=True, items=(ROW,))) == [
        {"service": "reporting", **ROW}
    ]


def test_nothing_parked_is_said() -> None:
    assert shown() == "Nothing is parked.\n"


def test_driven_again_it_tells_what_still_stands_still_and_why() -> None:
    said: list[str] = []
    still = {"view": "timeline__1", "document": "1", "held_by": "referral-1@2", "why": "failing"}
    parked.drive(asking((200, {"documents": 3, "still_parked": [still]})), said.append)
    assert said == [
        "reporting: 3 driven, 1 still parked",
        "  timeline__1 1: referral-1@2, failing",
    ]


def test_every_page_is_read() -> None:
    hub = asking((200, {"items": [PARKED], "next": "x"}), (200, {"items": [PARKED], "next": None}))
    assert len([*hub.parked()]) == 2


def test_what_nobody_can_read_is_named_and_given_up_by_its_id() -> None:
    record = "reporting/1/rj.case/3@000000000017"
    assert record in shown(items=({**PARKED, "document": None, "position": None, "id": record},))
    said: list[str] = []
    parked.drive(asking((200, {"documents": 0, "still_parked": [], "unreadable": 1})), said.append)
    parked.drop_record(asking((200, {})), said.append, "reporting", record, "malformed")
    assert said == [
        "reporting: 0 driven, 0 still parked",
        "  1 records that nobody can read; `rjhub parked` names them",
        f"{record} is given up: malformed",
    ]


@pytest.mark.parametrize("command", [["drive"], ["drop", "reporting", "a", "b", "c"]])
def test_an_option_before_the_subcommand_is_refused_so_that_no_other_hub_is_meant(
    command: list[str],
) -> None:
    done = CliRunner().invoke(app, ["parked", "--against", "https://hub.example", *command])
    assert done.exit_code == 2
    assert f"name options behind {command[0]}" in done.output


def test_what_was_wrong_in_a_request_is_said_with_what_would_be_right() -> None:
    errors = [{"field": "reason", "right": "'malformed' or 'without_meaning'"}]
    with pytest.raises(NoAnswer, match="422: reason: 'malformed' or 'without_meaning'"):
        asking((422, {"detail": "See `errors`.", "errors": errors})).call("reporting", "POST", "/x")
    with pytest.raises(NoAnswer, match="a is none of the services reporting"):
        asking().call("a", "POST", "/parked/drop")


def test_a_service_that_parks_nothing_is_passed_over() -> None:
    said: list[str] = []
    parked.drive(asking((404, {"detail": "There is no such address."})), said.append)
    assert said == []
