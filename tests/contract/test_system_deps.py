"""What a machine lacks is said in one command; only fakes of its programs are on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = "deploy/system-deps"
READ_BY_MAKE = ("Makefile", "pyproject.toml", "requirements-dev.lock", SCRIPT)
INSTALL = "apt-get install -y --no-install-recommends"
# Libraries are looked for where the embedded engines run, and lie there at fixed places.
OTHERS_MACHINE = {"uname": "echo Linux aarch64", "id": "echo 1000"}
GOOD = ""
OLD = 'case "$2" in *version_info*) exit 1;; esac; echo Python 3.9.2'
BARE = 'case "$2" in *venv*) exit 1;; esac'
# Makes a venv whose Python is this same one, and writes down what it is asked.
MAKES_A_VENV = (
    'echo "$*" >> asked; if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi'
)
SUDO = {"sudo": '"$@"'}
APT = {"apt-get": 'echo "$*" >> asked'}


def programs(folder: Path, fakes: Mapping[str, str]) -> Path:
    """A folder of programs, each a line of shell."""
    folder.mkdir()
    for name, line in {**OTHERS_MACHINE, **fakes}.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return folder


def asked(folder: Path, order: str, **fakes: str) -> subprocess.CompletedProcess[str]:
    """How the script ends on a machine that has these programs alone."""
    path = programs(folder / "bin", {name.replace("_", "-"): one for name, one in fakes.items()})
    return subprocess.run(
        ["/bin/bash", ROOT / SCRIPT, order],
        cwd=folder,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("has", "packages"),
    [
        ({}, "python3 python3-venv"),
        ({"python3": OLD}, "python3.11 python3.11-venv"),
        ({"python3": BARE}, "python3-venv"),
    ],
)
def test_what_a_machine_lacks_is_named_with_the_one_command_that_installs_it(
    tmp_path: Path, has: dict[str, str], packages: str
) -> None:
    ended = asked(tmp_path, "check", **has, **SUDO)
    assert ended.returncode == 3
    assert f"    sudo {INSTALL} {packages}" in ended.stderr.splitlines()


@pytest.mark.parametrize(
    ("who", "command"),
    [({"id": "echo 0"}, f"{INSTALL} python3-venv"), ({}, f"su -c '{INSTALL} python3-venv'")],
)
def test_the_command_is_one_that_the_caller_can_run(
    tmp_path: Path, who: dict[str, str], command: str
) -> None:
    ended = asked(tmp_path, "check", python3=BARE, **who)
    assert f"    {command}" in ended.stderr.splitlines()


def test_where_nothing_is_missing_nothing_is_said(tmp_path: Path) -> None:
    ended = asked(tmp_path, "check", python3=GOOD)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_it_installs_what_it_names(tmp_path: Path) -> None:
    assert asked(tmp_path, "install", python3=BARE, **SUDO, **APT).returncode == 0
    _, installed = (tmp_path / "asked").read_text().splitlines()
    assert f"apt-get {installed}" == f"{INSTALL} python3-venv"


def test_it_installs_nothing_where_nothing_is_missing(tmp_path: Path) -> None:
    assert asked(tmp_path, "install", python3=GOOD, **SUDO, **APT).returncode == 0
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("has", [SUDO, APT], ids=["another system", "no right to install"])
def test_where_it_cannot_install_it_says_what_is_missing(
    tmp_path: Path, has: dict[str, str]
) -> None:
    ended = asked(tmp_path, "install", python3=BARE, **has)
    assert ended.returncode == 3
    assert "python3-venv" in ended.stderr


def venv(folder: Path, python: str) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """How `make venv` ends without HOME, in a clone whose path has spaces, as Python's has."""
    clone = folder / "some one" / "rj hub"
    for name in READ_BY_MAKE:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    path = programs(folder / "my bin", {"a python": python} if python else {})
    env = {"PATH": f"{path}:{os.environ['PATH']}"}
    make = ["make", "venv", f"PYTHON={path}/a python"]
    ended = subprocess.run(
        make, cwd=clone, env=env, capture_output=True, text=True, timeout=20, check=False
    )
    return clone, ended


def test_make_names_what_is_missing_before_it_does_anything(tmp_path: Path) -> None:
    clone, ended = venv(tmp_path, "")
    assert ended.returncode == 2, "as GNU make ends on any error"
    assert f"{INSTALL} python3 python3-venv" in ended.stderr
    assert ended.stderr.rstrip().endswith("Error 3")
    assert not (clone / ".venv").exists()


def test_a_clone_may_lie_in_a_folder_with_spaces_and_its_user_have_no_home(tmp_path: Path) -> None:
    clone, ended = venv(tmp_path, MAKES_A_VENV)
    assert ended.returncode == 0, ended.stderr
    assert (clone / ".venv/.ready").exists()
    installs = [one for one in (clone / "asked").read_text().splitlines() if " install " in one]
    assert all("--no-cache-dir" in one for one in installs)
    assert installs[-1].endswith("-e .")
