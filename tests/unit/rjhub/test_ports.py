"""Which ports a hub takes, and what it says where another program has one of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rjhub.addresses import CHILDREN
from rjhub.child import free_port
from rjhub.folder import Folder
from rjhub.plan import PortInUse, choose_ports, database_moves


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_ports_of_the_last_run_are_kept_and_a_taken_one_is_replaced(
    folder: Folder, taken: int
) -> None:
    first = choose_ports(folder)
    last = {**first, "broker": taken}
    folder.hub_file.write_text(json.dumps({"ports": last}))
    now = choose_ports(folder)
    assert now["broker"] != taken
    assert {**now, "broker": taken} == last


def test_a_database_that_has_to_move_is_said_with_both_ports(folder: Folder, taken: int) -> None:
    first = choose_ports(folder)
    assert database_moves(folder, first) == ""
    folder.hub_file.write_text(json.dumps({"ports": {**first, "mongod": taken}}))
    said = database_moves(folder, first)
    assert f"Port {taken}, where the database was last, is in use" in said
    assert f"moves to port {first['mongod']} with its data" in said


def test_a_hub_file_that_was_cut_off_leaves_the_choice_free(folder: Folder) -> None:
    folder.hub_file.write_text('{"ports": {"mongod": 2')
    ports = choose_ports(folder)
    assert len(set(ports.values())) == len(CHILDREN)
    assert database_moves(folder, ports) == ""


def test_ports_that_were_asked_for_must_be_free(folder: Folder, taken: int) -> None:
    with pytest.raises(PortInUse, match=rf"port {taken} \(mongod\)"):
        choose_ports(folder, taken)


def test_what_one_program_was_given_another_one_is_not_until_it_ends(folder: Folder) -> None:
    give = "import rjhub.child as c; print(c.free_port(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", give], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        given = int(other.stdout.readline())
        with pytest.raises(PortInUse, match=rf"port {given} \(mongod\)"):
            choose_ports(folder, given)
        other.communicate("\n")
    assert choose_ports(folder, given)["mongod"] == given


def test_no_two_children_are_given_one_port() -> None:
    given = [free_port() for _ in range(100)]
    assert len(set(given)) == len(given)
