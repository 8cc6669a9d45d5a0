"""A hub of containers of its own: its own name, its own ports, gone after the tests."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rjhub.child import free_port
from tests.support import eventually
from tests.support_checker import Checker
from tests.support_quarter import Witness

ROOT = Path(__file__).parents[2]
BASE = "docker-compose.yml"
DEMO = "deploy/compose.demo.yml"
SOON = "tests/compose/soon.yml"
LATER = "tests/compose/later.yml"
REPLICAS = {"consent": 3, "facilitation": 2, "reporting": 2}
MANY = tuple(part for one in REPLICAS.items() for part in ("--scale", "{}={}".format(*one)))
LONGEST_SECONDS = 600

Json = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """Runs `docker compose` for one hub; `files` are the compose file and its overlays."""

    name: str
    http: int
    kafka: int
    files: Sequence[str] = (BASE, DEMO, SOON)

    @property
    def address(self) -> str:
        """Where the gateway is."""
        return f"http://127.0.0.1:{self.http}"

    @property
    def bootstrap(self) -> str:
        """Where subscribers find the broker."""
        return f"127.0.0.1:{self.kafka}"

    @property
    def mongo(self) -> str:
        """The database, as who may do everything there."""
        password = self.compose("exec", "-T", "mongo", "cat", "/keys/password")
        return self.mongo_as(f"admin:{password}@")

    def mongo_as(self, credentials: str) -> str:
        """The database by its address in its own network, which this machine reaches."""
        (container,) = self.containers("mongo")
        networks = self.inspect(container)["NetworkSettings"]["Networks"]
        (address,) = (one["IPAddress"] for one in networks.values())
        return f"mongodb://{credentials}{address}:27017/?authSource=admin&directConnection=true"

    def compose(self, *what: str) -> str:
        """What `docker compose` says; fails with its words where it fails."""
        return run(*self._composed(what), env=self._env())

    def tried(self, *what: str) -> tuple[int, str]:
        """How `docker compose` ended, and all that was said."""
        done = ended(*self._composed(what), env=self._env())
        return done.returncode, done.stdout + done.stderr

    def up(self, *options: str) -> None:
        """Bring it up, and wait until all of it is healthy."""
        self.compose("up", "-d", "--wait", *options)

    def down(self) -> None:
        """Take it away with all it kept."""
        self.compose("--profile", "tools", "down", "-v", "--remove-orphans")

    def backup_tool(self, folder: Path, *what: str) -> str:
        """What `rjhub backup` or `restore` says in a container, with a folder of this machine."""
        program = ("settle", "python", "-m", "rjhub", *what, "--mongo-url-file", "/keys/mongo-url")
        return self.compose("run", "--rm", "-T", "--no-deps", "-v", f"{folder}:/backups", *program)

    def containers(self, service: str) -> list[str]:
        """The replicas of a service, by id."""
        return self.compose("ps", "-q", service).split()

    def inspect(self, container: str) -> Json:
        """What the engine knows of a container, or of an image."""
        found: Json = json.loads(run("docker", "inspect", container))[0]
        return found

    def kill(self, *containers: str) -> None:
        """End their main processes from beside: `docker kill` would be a stop by hand."""
        pids = [str(self.inspect(one)["State"]["Pid"]) for one in containers]
        image = self.inspect(self.containers("referral")[0])["Image"]
        beside = ("--rm", "--pid", "host", "--user", "0", "--network", "none")
        run("docker", "run", *beside, image, "sh", "-c", f"kill -KILL {' '.join(pids)}")

    def _composed(self, what: Sequence[str]) -> tuple[str, ...]:
        files = [part for one in self.files for part in ("-f", one)]
        return ("docker", "compose", "-p", self.name, *files, *what)

    def _env(self) -> dict[str, str]:
        return {
            "RJHUB_HTTP_PUBLISH": f"127.0.0.1:{self.http}",
            "RJHUB_KAFKA_PUBLISH": f"127.0.0.1:{self.kafka}",
            "RJHUB_KAFKA_ADDRESS": f"127.0.0.1:{self.kafka}",
        }


def rjhub(*what: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """How a command of the command line ended."""
    return ended(sys.executable, "-m", "rjhub", *what, env=env)


def told(*what: str) -> Any:
    """What a command that comes to a good end tells programs."""
    done = rjhub(*what, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def killed(stack: Stack, name: str) -> None:
    """All replicas of a service at once; nobody begins them again but the engine of containers."""
    replicas = stack.containers(name)
    before = {one: stack.inspect(one)["RestartCount"] for one in replicas}
    stack.kill(*replicas)

    def back() -> bool:
        now = {one: stack.inspect(one) for one in replicas}
        assert all(now[one]["RestartCount"] > before[one] for one in replicas)
        states = [
            (one["State"]["Status"], one["State"]["Health"]["Status"]) for one in now.values()
        ]
        return {*states} == {("running", "healthy")}

    asyncio.run(eventually(back, 120, every=1))


async def assert_sound(stack: Stack, witness: Witness) -> None:
    """Stores, log and read models come to tell the same, and all that was acknowledged."""
    checker = Checker(stack.mongo, stack.bootstrap, witness.answers)
    await eventually(lambda: asyncio.to_thread(checker.is_sound), 90, every=2)


def a_stack(name: str) -> Stack:
    """One that is not up yet, on free ports."""
    return Stack(f"rjhub-test-{name}-{os.getpid()}", free_port(), free_port())


def run(*command: str, env: dict[str, str] | None = None) -> str:
    """What a command says; its words if it fails."""
    done = ended(*command, env=env)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def ended(*command: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """How a command ended."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
