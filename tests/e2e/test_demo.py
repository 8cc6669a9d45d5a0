"""A small quarter is played on a running hub, and reporting tells what was played."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from pymongo import MongoClient
from rich.console import Console

from rjhub.client import Client, Json
from rjhub.demo.command import Played, Watch, perform, show, write
from rjhub.demo.figures import differences, expected
from rjhub.demo.quarter import Course, Planned, small_quarter
from services.reporting.app import SERVICE
from tests.engines.chosen import PROGRAM
from tests.support import eventually
from tests.support_hub import Hub

pytestmark = pytest.mark.timeout(180)

PLAN = small_quarter(20)
WATCH = Watch()
# How often a document was written, and since when it waits, is not of the history.
WITHOUT = {"_rev": False, "_parked.since": False}


@pytest.fixture(scope="module")
async def played(hub: Hub) -> Played:
    return await perform(hub.file, PLAN, Console(file=StringIO()), WATCH)


def standing(plan: Planned) -> str:
    return "declined" if plan.course is Course.DECLINED_AT_SCREENING else "closed"


async def test_every_case_ends_as_planned(hub: Hub, played: Played) -> None:
    client = Client(hub.file)
    for case in played.cases:
        found = (await client.ask("reporting", f"/cases/{case.id}", after=case.after)).json()
        assert (case.plan, found["status"]) == (case.plan, standing(case.plan))


def test_every_figure_is_what_the_plan_comes_to(played: Played) -> None:
    assert [*differences(expected(PLAN), played.quarter)] == []


def because(entries: list[Json], words: str) -> str:
    """The cause of the one entry that says so."""
    (found,) = (one for one in entries if one["words"] == words)
    return str(found["cause"])


def test_a_timeline_tells_from_the_withdrawal_to_what_it_stopped(played: Played) -> None:
    told = played.timelines["A withdrawal"]
    cancelled = "A meeting was cancelled: consent lost."
    noted = "Facilitation noted that not everybody agrees to face to face any longer."
    lost = "Not everybody agrees to face to face any longer."
    assert because(told, cancelled) == noted
    assert because(told, noted) == lost
    assert because(told, lost) == "The victim took back any consent to face to face."
    assert told[-1]["words"] == "It was noted that the case is closed."


def test_a_meeting_cannot_be_arranged_until_everything_is_ready(played: Played) -> None:
    before, after = (one.answer for one in played.asked)
    assert {"FAC-28", "FAC-30", "FAC-31", "FAC-43"} <= {one["rule"] for one in before["unmet"]}
    assert after == {"can": True}


async def test_a_quarter_made_anew_is_the_same_in_every_document_and_figure(
    hub: Hub, played: Played
) -> None:
    assert played.cases
    client = Client(hub.file)
    before = (await client.ask("reporting", "/figures")).json()
    anew = [await asyncio.to_thread(made_anew, hub, one) for one in ("milestones", "to_do")]
    assert (await client.ask("reporting", "/figures")).json()["figures"] == before["figures"]
    for old, new in anew:
        assert len(old) >= len(PLAN)
        assert new == old


def made_anew(hub: Hub, read_model: str) -> tuple[dict[str, Json], ...]:
    """The documents of the view that answered, and of the one that does now."""
    done = rebuild(hub, read_model)
    assert done.returncode == 0, done.stdout + done.stderr
    with MongoClient[Json](hub.file.mongo, uuidRepresentation="standard") as mongo:
        return tuple(
            {one["_id"]: one for one in mongo["rj_reporting"][view].find({}, WITHOUT)}
            for view in (view_of(read_model), f"{view_of(read_model)}_2")
        )


def view_of(read_model: str) -> str:
    """The view of the version that this release has."""
    return next(one.view for one in SERVICE.projections if one.name == read_model)


def rebuild(hub: Hub, *what: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", PROGRAM, "rebuild", *what, "--dir", str(hub.folder)]
    return subprocess.run(argv, check=False, capture_output=True, text=True)


async def test_a_document_changed_by_hand_is_found_and_replaced(hub: Hub, played: Played) -> None:
    case, client = played.cases[0].id, Client(hub.file)
    with MongoClient[Json](hub.file.mongo, uuidRepresentation="standard") as mongo:
        view = mongo["rj_reporting"].read_models.find_one({"name": "case_status"})
        assert view
        changed = {"$set": {"status": "screening"}}
        mongo["rj_reporting"][view["view"]].update_one({"_id": UUID(case)}, changed)
    found = await asyncio.to_thread(rebuild, hub, "case_status")
    assert found.returncode == 1
    assert f"such as {case} says something else of the same events" in found.stderr
    wrong = await client.ask("reporting", f"/cases/{case}")
    assert wrong.json()["status"] == "screening"
    assert (await asyncio.to_thread(rebuild, hub, "case_status", "--accept")).returncode == 0

    async def right() -> bool:
        told = await client.ask("reporting", f"/cases/{case}")
        return bool(told.json()["status"] == standing(played.cases[0].plan))

    await eventually(right, 20)


def test_it_is_printed_and_written_for_programs(played: Played, tmp_path: Path) -> None:
    out = StringIO()
    show(Console(file=out, width=200), played, WATCH)
    write(tmp_path / "new", played, WATCH)
    kept = json.loads((tmp_path / "new" / "demo.json").read_text())
    assert sum(kept["cases"].values()) == len(PLAN)
    assert {"play", "ask"} <= kept["timings_s"].keys()
    for title in (*played.timelines, "By setting", "Why can't I", "Where the time went"):
        assert title in out.getvalue()
