"""What keeps a new folder's hub from starting (tests/e2e/test_bad_start.py has the others)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.hub.standin import start
from tests.support_hub import Hub


def refused(hub: Hub) -> tuple[int, str]:
    return hub.process.wait(30), hub.said


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
