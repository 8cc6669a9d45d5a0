"""A hub in a process of its own, seen from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

from rjhub.hubfile import HubFile, read_hub_file
from rjhub.leftovers import started
from tests.engines import chosen
from tests.support import eventually

ROOT = Path(__file__).parents[1]


@dataclass
class Hub:
    """`file` says where everything is; `send("mongod", SIGKILL)` makes a child crash."""

    folder: Path
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def file(self) -> HubFile:
        return read_hub_file(self.folder)

    @property
    def children(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads((self.folder / "children.json").read_text())
        return found

    def pid(self, name: str) -> int:
        return int(self.children[name]["pid"])

    def has_another(self, name: str, pid: int) -> bool:
        return self.pid(name) != pid

    def send(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    async def ready(self) -> None:
        """Return once it is ready; one that is not in time is ended."""
        try:
            await eventually(lambda: "is ready after" in self.said or self.ended(), 50)
        except AssertionError:
            self.end()
            raise
        assert self.process.poll() is None, self.said

    def log(self, name: str) -> str:
        return (self.folder / "log" / f"{name}.log").read_text()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def crash(self) -> None:
        self.end(signal.SIGKILL)

    def die(self, name: str) -> None:
        """Have a stand-in service end itself."""
        try:
            get(f"{self.file.services[name]}/die")
        except (RemoteDisconnected, OSError):
            return


def start(
    folder: Path, *options: str, env: dict[str, str] | None = None, output: Path | None = None
) -> Hub:
    """Start `rjhub up` with its real services, in a folder of its own."""
    return launch(["rjhub", "up", "--dir", str(folder), *options], folder, env, output)


def launch(module: list[str], folder: Path, env: dict[str, str] | None, output: Path | None) -> Hub:
    chosen.own()
    program = chosen.PROGRAM if module[0] == "rjhub" else module[0]
    output = output or folder.with_name(folder.name + ".output")
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", program, *module[1:]],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**chosen.environment(), **(env or {})},
        )
    return Hub(folder, process, output)


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        return str(answer.read().decode())


def alive(children: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, one in children.items() if started(one["pid"]) == one["started"]]
