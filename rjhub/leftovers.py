"""Children of a hub that crashed: recorded while they run, ended exactly at the next start."""

from __future__ import annotations

import json
import os
import select
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from rjhub.folder import read_json, write_private


class Record:
    """Which processes are ours now, kept in a file that outlives us."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._children: dict[str, dict[str, Any]] = {}

    def add(self, name: str, pid: int) -> None:
        """Note a child by process id and start, so that a later process of that id is no match."""
        with self._lock:
            self._children[name] = {"pid": pid, "started": started(pid)}
            write_private(self._path, json.dumps(self._children))

    def clear(self) -> None:
        """Note that none is left."""
        self._path.unlink(missing_ok=True)


def started(pid: int) -> str | None:
    """When a process started, exactly; None if there is none or it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    state, ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{boot}/{ticks}"


def end_leftovers(path: Path, timeout: float = 10) -> list[str]:
    """End the recorded processes that still run, and only those; return their names.

    Services end before engines, in the reverse of the order in which they were started.
    """
    ended = [
        name
        for name, child in reversed(read_json(path).items())
        if _end(int(child["pid"]), str(child["started"]), timeout)
    ]
    path.unlink(missing_ok=True)
    return ended


def _end(pid: int, start: str, timeout: float) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if started(pid) != start:
            return False
        _terminate(handle, timeout)
    finally:
        os.close(handle)
    return True


def _terminate(handle: int, timeout: float) -> None:
    with suppress(ProcessLookupError):  # it may end, and be gone, between any two signals
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        signal.pidfd_send_signal(handle, signal.SIGCONT)
        if not select.select([handle], [], [], timeout)[0]:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], timeout)
