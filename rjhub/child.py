"""A process that the hub starts: what runs, how one sees that it is ready, how it is ended."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

LOCALHOST = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections: a child that dies
# finds its port free again.
PORTS = range(20000, 32000)


class HubError(Exception):
    """Something a person has to put right; its words say what, `exit_code` tells a script."""

    exit_code = 1


class NotReady(HubError):
    """A child ended, or did not become ready in time."""

    exit_code = 10


@dataclass(frozen=True)
class Spec:
    """What runs under a name; `argv` is asked anew at each start, `patience` waits for `ready`."""

    name: str
    url: str
    argv: Callable[[], list[str]]
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    # Two slow cores that are busy took over 30 s for four services; and a program on the database's
    # port of the last run that never answers is asked for 30 s whether it is ours.
    patience: float = 60


@dataclass(frozen=True)
class Running:
    """A started child."""

    name: str
    url: str
    process: subprocess.Popen[bytes]

    def stop(self, timeout: float = 10) -> None:
        """End it in order, or by force after the time; a stopped (SIGSTOP) child ends too."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens if it has ended."""
        self.process.send_signal(number)


_held: dict[int, socket.socket] = {}


def free_port() -> int:
    """A port of this machine on which nothing listens, and which `take` gives to nobody else."""
    first = secrets.choice(PORTS)
    ports = chain(range(first, PORTS.stop), range(PORTS.start, first))
    return next(port for port in ports if port not in _held and take(port))


def take(port: int) -> bool:
    """Hold the port until this process ends, and say whether a server could listen on it now.

    It is held by its number in UDP, which nobody else can bind meanwhile: of two hubs that start
    at once, and of two whose children are away for a moment, neither is given the other's.
    """
    if not is_free(port):
        return False
    if port not in _held:
        holder = socket.socket(type=socket.SOCK_DGRAM)
        try:
            holder.bind((LOCALHOST, port))
        except OSError:
            holder.close()
            return False
        _held[port] = holder
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something listens on this port."""
    try:
        socket.create_connection((LOCALHOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def spawn(spec: Spec, log: Path | None = None) -> Running:
    """Start the child in a process group of its own, with its output appended to the log."""
    with (log or Path(os.devnull)).open("ab") as out:
        process = subprocess.Popen(
            spec.argv(),
            env=dict(spec.env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(spec.name, spec.url, process)


def wait_until_ready(spec: Spec, running: Running) -> None:
    """Return once the child is ready; raise NotReady if it ends first or takes too long."""
    deadline = time.monotonic() + spec.patience
    while not spec.ready():
        if (code := running.process.poll()) is not None:
            raise NotReady(f"{spec.name} ended {ended_how(code)} before it was ready")
        if time.monotonic() > deadline:
            raise NotReady(f"{spec.name} was not ready within {spec.patience:.0f} s")
        time.sleep(0.02)


def start(spec: Spec, log: Path | None = None) -> Running:
    """Start the child and return it once it is ready; what does not become ready is ended."""
    running = spawn(spec, log)
    try:
        wait_until_ready(spec, running)
    except BaseException:
        running.kill()
        raise
    return running


def ended_how(code: int) -> str:
    """The end of a process in words."""
    return f"with exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
