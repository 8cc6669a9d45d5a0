"""Whatever fails, dies and comes twice on a simulated hub: what was promised holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.crash import POINTS

ROOT = Path(__file__).parents[2]
EACH = 100
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
    "MeetingStarted",
    "LetterDelivered",
    "MessageRelayed",
    "clearance_refused",
    "clearance_overtaken",
    "stopped_by_a_no",
)


def simulate(count: int, seed: int) -> subprocess.CompletedProcess[str]:
    """In processes of its own, as `make sim` does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.sim", str(count), str(seed)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(240)  # ten seconds on two cores that nobody else uses
@pytest.mark.parametrize("seed", range(0, 5 * EACH, EACH))
def test_a_hundred_histories_keep_every_promise(seed: int) -> None:
    ended = simulate(EACH, seed)
    print(ended.stdout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert all(f"{what} " in ended.stdout for what in (*POINTS, *HAPPENINGS))


def test_a_seed_lives_the_same_history_again_in_another_process() -> None:
    first, second, other = (simulate(1, seed).stdout.splitlines()[-1] for seed in (7, 7, 8))
    assert first.startswith("trace ")
    assert first == second != other
