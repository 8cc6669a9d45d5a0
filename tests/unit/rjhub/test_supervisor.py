"""What keeps one child from starting is said at once, whatever the others do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rjhub.child import NotReady, Spec
from rjhub.ending import Ending
from rjhub.folder import Folder
from rjhub.supervisor import Supervisor, Told, wait_for

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


def test_told_to_end_it_waits_for_nobody(supervisor: Supervisor) -> None:
    told = Ending()
    told.tell()
    with pytest.raises(Told):
        wait_for(supervisor.start([child("mongod", HANGS)]), told)
