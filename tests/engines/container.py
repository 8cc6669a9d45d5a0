"""A container as a process: it lives no longer than this one, and ends with its exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from testcontainers.core.container import DockerContainer

LABEL = "rjhub.tests"


@dataclass(frozen=True)
class Wanted:
    """A container in this machine's own network: it keeps its address, whoever begins again."""

    image: str
    name: str
    run: str
    command: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    mounts: list[tuple[str, str, str]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def argv(self) -> list[str]:
        """The command of the process."""
        return [sys.executable, "-m", "tests.engines.container", json.dumps(asdict(self))]

    def made(self) -> DockerContainer:
        """The container, not started yet."""
        mounts = [(here, there, mode) for here, there, mode in self.mounts]
        options = {**self.options, "labels": {LABEL: self.run}, "network_mode": "host"}
        found = DockerContainer(self.image, env=self.env, name=self.name, volumes=mounts)
        found.with_kwargs(**options)
        return found.with_command(self.command) if self.command else found


def docker(*arguments: str) -> str:
    """What the command prints; what it refuses is of no interest."""
    ended = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    return ended.stdout


def _clear(name: str) -> None:
    """Return once no container has this name; one that is being removed keeps it for a while."""
    while docker("ps", "--all", "--quiet", "--filter", f"name=^{name}$"):
        docker("rm", "--force", "--volumes", name)


def main(wanted: Wanted) -> int:
    """Run it, say what it says, and pass on being told to end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    _clear(wanted.name)
    with wanted.made() as container, _removed_with_us(container.get_container_id()):
        inner: Any = container.get_wrapped_container()
        signal.signal(signal.SIGTERM, lambda *_: inner.kill("SIGTERM"))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        for said in inner.logs(stream=True, follow=True):
            sys.stdout.buffer.write(said)
            sys.stdout.flush()
        return int(inner.wait()["StatusCode"])


@contextmanager
def _removed_with_us(container: str) -> Iterator[None]:
    """However this process ends, its input to another one ends too, and that removes it."""
    remove = f"cat; exec docker rm --force --volumes {container}"
    with subprocess.Popen(
        ["sh", "-c", remove],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as guard:
        yield
        guard.kill()  # it ended by itself, and whoever made it removes it


if __name__ == "__main__":
    sys.exit(main(Wanted(**json.loads(sys.argv[1]))))
