"""A running hub is operated by its command line: looked at, backed up, brought up again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rjhub.leftovers import end_leftovers
from tests.engines.chosen import NAME, PROGRAM
from tests.support import eventually
from tests.support_casework import Case, Desk
from tests.support_hub import Hub, start

pytestmark = pytest.mark.timeout(180)  # a few seconds each on two cores that nobody else uses


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", PROGRAM, *map(str, words)]
    return subprocess.run(argv, check=False, capture_output=True, text=True)


def told(*words: str | Path) -> Any:
    done = run(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def settled(desk: Desk) -> Case:
    """A case to which both sides agreed by letter."""
    case = await desk.refer()
    await case.accept()
    await case.consent("victim", "letter")
    await case.consent("offender", "letter")
    return case


async def test_a_hub_that_is_well_says_so(hub: Hub) -> None:
    (done,) = await eventually(lambda: _well(hub), 30, every=0.5)
    assert [name for name in hub.file.services if name not in done.stdout] == []
    status = told("status", "--dir", hub.folder)
    assert status["well"]
    assert status["services"]["reporting"]["replicas"] == {"met": 1, "expected": 1}
    read = [one["reading"] for one in status["services"]["consent"]["each"]]
    assert [one["partitions"] == one["of"] > 0 for one in read] == [True]


def _well(hub: Hub) -> list[subprocess.CompletedProcess[str]]:
    """Another test's backlog may still be on its way."""
    done = run("status", "--dir", hub.folder)
    return [] if done.returncode else [done]


async def test_a_case_is_told_in_plain_words(hub: Hub, desk: Desk) -> None:
    case = await settled(desk)
    await case.ask()
    done = run("case", "show", case.id, "--dir", hub.folder)
    assert done.returncode == 0, done.stderr
    assert "Everybody agrees to letter." in " ".join(done.stdout.split())
    found = told("case", "show", case.id, "--dir", hub.folder)
    assert found["status"]["agreed_methods"] == ["letter"]
    assert found["timeline"][0]["type"] == "rj.ReferralRequested.v1"
    assert found["parked"] == []


async def test_a_read_model_made_anew_is_told_to_programs(hub: Hub) -> None:
    before = {one["read_model"]: one["answers"] for one in told("rebuild", "--dir", hub.folder)}
    row = told("rebuild", "timeline", "--dir", hub.folder)
    assert (row["service"], row["read_model"]) == ("reporting", "timeline")
    assert row["answers"] != before["timeline"]


async def test_a_case_that_nobody_knows_is_told_so(hub: Hub) -> None:
    done = run("case", "show", "11111111-1111-4111-8111-111111111111", "--dir", hub.folder)
    assert (done.returncode, done.stdout) == (17, "")
    assert "knows no case" in done.stderr


async def test_a_running_hub_is_not_restored_over(hub: Hub, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "kept", "--dir", hub.folder).returncode == 0
    done = run("restore", tmp_path / "kept", "--dir", hub.folder, "--replace")
    assert done.returncode == 7
    assert "already runs" in done.stderr


@pytest.mark.skipif(NAME == "containers", reason="a folder's own database is the embedded one")
async def test_a_backup_is_a_hub_again_elsewhere(hub: Hub, desk: Desk, tmp_path: Path) -> None:
    case = await settled(desk)
    assert (await case.ask())["agreed_methods"] == ["letter"]
    kept, keys, elsewhere = tmp_path / "kept", tmp_path / "keys", tmp_path / "hub"
    made = run("backup", kept, "--dir", hub.folder, "--keys", keys)
    assert made.returncode == 0, made.stderr
    restored = run("restore", kept, "--dir", elsewhere, "--keys", keys)
    assert restored.returncode == 0, restored.stderr

    again = start(elsewhere, "--min-free-mb", "0")
    try:
        await again.ready()
        there = Case(desk=Desk(again.file), id=case.id, people=case.people, at=case.at)
        assert (await there.ask())["agreed_methods"] == ["letter"]
        await there.withdraw("victim")
        assert (await there.ask())["agreed_methods"] == []
        await there.desk.http.aclose()
    finally:
        again.end()
        end_leftovers(elsewhere / "children.json")
    over = run("restore", kept, "--dir", elsewhere)
    assert over.returncode == 16
    assert "was in its broker's memory, and is gone" in over.stderr
    assert f"of rj_consent (consent-{case.id}@" in over.stderr
