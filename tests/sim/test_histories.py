"""Whatever fails, dies and comes twice on a simulated hub: what was promised holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.crash import POINTS

# Under a minute on two cores that nobody else uses; in `make test` whatever waits goes first.
pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).parents[2]
HISTORIES = 500
HAPPENINGS = (
    "death",
    "stand_still",
    "leases_lost",
    "read_again",
    "rebalance",
    "engine_away",
    "leap",
    "poisoned",
    "log_lost",
    "backed_up",
    "restored",
    "MeetingStarted",
    "LetterDelivered",
    "MessageRelayed",
    "clearance_refused",
    "clearance_overtaken",
    "stopped_by_a_no",
    "called_off_by_a_no",
)


def simulate(count: int, seed: int) -> subprocess.CompletedProcess[str]:
    """In processes of its own, as `make sim` does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "tests.sim", str(count), str(seed)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_five_hundred_histories_keep_every_promise() -> None:
    ended = simulate(HISTORIES, 0)
    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [what for what in (*POINTS, *HAPPENINGS) if f"{what} " not in ended.stdout] == []


def trace(count: int, seed: int) -> str:
    """Of the last of so many histories from this seed on, in a process of its own."""
    return simulate(count, seed).stdout.splitlines()[-1]


def test_a_seed_lives_the_same_history_again_in_another_process_and_after_others() -> None:
    first, again, after_others = trace(1, 8), trace(1, 8), trace(3, 6)
    assert first.startswith("trace of seed 8: ")
    assert first == again == after_others
    assert first.split()[-1] != trace(1, 7).split()[-1]
