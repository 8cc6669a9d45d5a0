"""What docs/events.md and README.md say is done word for word, and shows what they promise."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.generate.first_steps import FIRST_STEPS
from tests.support import eventually
from tests.support_casework import Desk, agreed
from tests.support_hub import Hub
from tests.support_readers import kcat_environment, needs_kcat

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", FIRST_STEPS, re.DOTALL)
UP, PLAY, IN_CONTAINERS, TAIL, KCAT, SUBSCRIBE, COUNTED = (
    text for language, text in BLOCKS if language == "sh"
)
(FOLLOW,) = (text for language, text in BLOCKS if language == "python")
(START_FOLLOWING,) = re.findall(r"`(\S+ follow\.py .+?)`", FIRST_STEPS)
NAME_THE_BROKER = PLAY.splitlines()[-1]
((FUNCTIONS, REFER, READ),) = (
    block.split("\n\n")
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
)


@pytest.fixture
async def clone(hub: Hub, tmp_path: Path) -> Path:
    """A clone in which the hub runs, with a case on it."""
    desk = Desk(hub.file)
    await agreed(desk)
    await desk.http.aclose()
    has = {".venv": Path(sys.prefix), ".rjhub": hub.folder, "examples": ROOT / "examples"}
    for name, there in has.items():
        (tmp_path / name).symlink_to(there)
    return tmp_path


def steps(*lines: str) -> list[str]:
    """In a shell that stops at the first that fails."""
    return ["bash", "-euo", "pipefail", "-c", "\n".join((NAME_THE_BROKER, *lines))]


def done(clone: Path, *lines: str, env: Mapping[str, str] | None = None) -> list[str]:
    """What the steps print."""
    ended = subprocess.run(
        steps(*lines), cwd=clone, capture_output=True, text=True, timeout=50, check=False, env=env
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


@contextmanager
def going_on(clone: Path, line: str) -> Iterator[Path]:
    """A step that goes on until it is ended, and the file in which it writes what it prints."""
    printed = clone / "printed"
    with printed.open("wb") as out:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(steps(f"exec {line}"), cwd=clone, stdout=out, env=env) as process:
            try:
                yield printed
            finally:
                process.kill()


def lines_of(printed: Path) -> list[str]:
    return printed.read_text().splitlines()


def has_counted(clone: Path, type_: str) -> bool:
    return any(line.endswith(f" {type_}") for line in done(clone, COUNTED))


def test_the_hub_is_started_and_played_on_as_elsewhere() -> None:
    assert UP == "make up\n"
    assert PLAY.startswith(".venv/bin/rjhub demo\n")
    assert "docker compose -f docker-compose.yml -f deploy/compose.demo.yml up" in IN_CONTAINERS


async def test_a_look_shows_ten_events(clone: Path) -> None:
    heading, *events = done(clone, TAIL)
    assert heading.startswith("recorded (UTC)")
    assert len(events) == 10


async def test_kcat_shows_three_as_they_are(clone: Path) -> None:
    needs_kcat()
    with kcat_environment() as env:
        told = done(clone, KCAT, env=env)
    assert sum(line.startswith("ce_specversion=1.0") for line in told) == 3


async def test_a_subscriber_prints_what_comes_and_counts_it(clone: Path) -> None:
    with going_on(clone, SUBSCRIBE) as printed:
        await eventually(lambda: len(lines_of(printed)) >= 10, 20)
        await eventually(lambda: has_counted(clone, "rj.ConsentGiven.v1"), 20, every=0.5)


async def test_a_program_with_the_cloudevents_sdk_prints_what_comes(clone: Path) -> None:
    (clone / "follow.py").write_text(FOLLOW)
    with going_on(clone, START_FOLLOWING) as printed:
        await eventually(lambda: len(lines_of(printed)) >= 10, 20)
    assert any("rj.ReferralRequested.v1" in line for line in lines_of(printed))


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is missing")
async def test_a_referral_made_as_the_readme_says_is_read_back(clone: Path) -> None:
    referred = json.loads("".join(done(clone, FUNCTIONS, REFER)))
    case = {"case": referred["subject"], "status": "requested", "setting": "asb_neighbour"}

    def is_read_back() -> bool:
        found = json.loads("".join(done(clone, FUNCTIONS, READ)))["items"]
        return any(case.items() <= one.items() for one in found)

    await eventually(is_read_back, 20, every=0.5)
