"""A child is kept whatever goes wrong when it is started again."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rjhub.child import Spec
from rjhub.keeper import Keeper
from tests.support import eventually

FULL = OSError(errno.ENOSPC, "No space left on device")


class Notes:
    """Where each process is noted; some cannot be."""

    def __init__(self) -> None:
        self.pids: list[int] = []
        self.refused: set[int] = set()

    def add(self, _: str, pid: int) -> None:
        self.pids.append(pid)
        if len(self.pids) in self.refused:
            raise FULL


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keeper(tmp_path: Path, notes: Notes, said: list[str]) -> Iterator[Keeper]:
    program = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    spec = Spec("mongod", "", argv=lambda: program, ready=lambda: True)
    keeper = Keeper(spec, tmp_path / "log", said.append, spawned=notes.add, pause=0.01)
    keeper.start()
    keeper.first.result(20)
    yield keeper
    keeper.stop()
    assert not any(map(runs, notes.pids))


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_a_child_that_cannot_be_noted_is_ended_and_started_once_more(
    keeper: Keeper, notes: Notes, said: list[str]
) -> None:
    notes.refused = {2, 3}
    os.kill(notes.pids[0], signal.SIGKILL)
    await eventually(lambda: len(notes.pids) == 4 and keeper.pid == notes.pids[3])
    assert [runs(pid) for pid in notes.pids] == [False, False, False, True]
    assert sum("could not be started again: [Errno 28] No space left" in one for one in said) == 2


async def test_and_its_next_end_is_noticed_too(keeper: Keeper, notes: Notes) -> None:
    notes.refused = {2}
    os.kill(notes.pids[0], signal.SIGKILL)
    await eventually(lambda: len(notes.pids) == 3)
    os.kill(notes.pids[2], signal.SIGKILL)
    await eventually(lambda: len(notes.pids) == 4)
