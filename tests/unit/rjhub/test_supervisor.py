"""What keeps one child from starting is said at once, whatever the others do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rjhub import supervisor as supervisor_
from rjhub.child import NotReady, Spec
from rjhub.ending import Ending
from rjhub.folder import Folder
from rjhub.plan import Plan
from rjhub.supervisor import Supervisor, Told, keep_tokens_fresh, start_all, wait_for

HANGS = "import time; time.sleep(600)"
ENDS = "import sys; sys.exit('RJHUB_LOG_LEVEL: is wrong')"


def child(name: str, program: str) -> Spec:
    """One that is never ready."""
    return Spec(name, "", argv=lambda: [sys.executable, "-S", "-c", program], ready=lambda: False)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    (tmp_path / "log").mkdir()
    folder = Folder(tmp_path)
    supervisor = Supervisor(folder, print)
    yield supervisor
    supervisor.stop()
    assert not folder.children_file.exists()


def test_a_service_that_cannot_start_is_said_while_the_database_starts(
    supervisor: Supervisor,
) -> None:
    database = supervisor.start([child("mongod", HANGS)])
    services = supervisor.start([child("consent", HANGS), child("referral", ENDS)])
    with pytest.raises(NotReady, match=r"(?s)referral ended with exit code 1.*LOG_LEVEL: is wrong"):
        wait_for([*database, *services], Ending())


def test_a_database_that_ends_is_said_while_the_broker_starts(supervisor: Supervisor) -> None:
    broker = replace(child("broker", HANGS), patience=5)
    plan = Plan(child("mongod", ENDS), broker, services=(), ports={})
    with pytest.raises(NotReady, match=r"(?s)mongod ended with exit code 1.*LOG_LEVEL: is wrong"):
        start_all(supervisor, plan, Ending())


def test_nobody_waits_for_who_is_only_looked_at(supervisor: Supervisor) -> None:
    database = supervisor.start([child("mongod", HANGS)])
    broker = supervisor.start([replace(child("broker", HANGS), ready=lambda: True)])
    wait_for(broker, Ending(), beside=database)
    assert not database[0].first.done()


def test_tokens_that_could_not_be_written_are_written_a_little_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A disk that is full for a moment does not end the hub."""
    monkeypatch.setattr(supervisor_, "FRESH_TOKENS_EVERY", 0.0)
    monkeypatch.setattr(supervisor_, "NEXT_TRY_SECONDS", 0.0)
    told, tries, said = Ending(), list[int](), list[str]()

    def write() -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OSError(28, "No space left on device")
        told.tell()

    keep_tokens_fresh(told, write, said.append)
    assert tries == [0, 1]
    assert said == [
        "Fresh tokens could not be written: [Errno 28] No space left on device; next try in 0 s."
    ]


def test_told_to_end_it_waits_for_nobody(supervisor: Supervisor) -> None:
    told = Ending()
    told.tell()
    with pytest.raises(Told):
        wait_for(supervisor.start([child("mongod", HANGS)]), told)
