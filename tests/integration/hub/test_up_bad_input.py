"""What stops `rjhub up`: each case has its words and its exit code."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from rjhub.folder import FORMAT
from tests.integration.hub.standin import start
from tests.support_hub import Hub
from tests.support_hub import start as up


def refused(hub: Hub) -> tuple[int, str]:
    return hub.process.wait(30), hub.said


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = refused(start(tmp_path / "hub", f"port={port - 2}"))
    assert code == 6
    assert f"{port} (referral)" in said
    assert "--port" in said


def test_a_folder_of_a_newer_release_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    folder.mkdir()
    (folder / "format").write_text(f"{FORMAT + 1}\n")
    code, said = refused(start(folder))
    assert code == 8
    assert "made by a newer release" in said
    assert (folder / "format").read_text() == f"{FORMAT + 1}\n"
    assert not (folder / "data").exists()


def test_too_little_free_disk_is_said_with_both_numbers(tmp_path: Path) -> None:
    code, said = refused(up(tmp_path / "hub", "--min-free-mb", "999999999"))
    assert code == 9
    assert "999999999 MB are needed" in said


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, said = refused(start(tmp_path / "file" / "hub", output=tmp_path / "output"))
    assert code == 11
    assert f"Cannot write in {tmp_path / 'file' / 'hub'}" in said
    assert "--dir" in said


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    folder.mkdir(mode=0o500)
    code, said = refused(start(folder))
    assert code == 11
    assert f"Cannot write in {folder}: Permission denied" in said


def test_a_service_that_does_not_start_is_said_with_the_end_of_its_log(tmp_path: Path) -> None:
    code, said = refused(start(tmp_path / "hub", env={"RJHUB_LOG_LEVEL": "loud"}))
    assert code == 10
    assert "ended with exit code 1 before it was ready. The end of" in said
    assert "log level loud is not known" in said
