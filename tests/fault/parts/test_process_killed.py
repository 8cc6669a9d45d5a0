"""A process killed between a command and its note: the next one changes nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def child(url: str, database: str, nth: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fault.parts.process_child", url, database, str(nth)]
    return subprocess.run(
        command, cwd=ROOT, text=True, capture_output=True, timeout=50, check=False
    )


@pytest.mark.parametrize("nth", [1, 4])
def test_a_process_killed_after_dispatch_leaves_one_effect(
    mongo_url: str, database: str, nth: int
) -> None:
    killed = child(mongo_url, database, nth)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "")
    heir = child(mongo_url, database, 0)
    assert (heir.stdout.strip(), heir.returncode) == ("0 1 2 4", 0), heir.stderr[-2000:]
