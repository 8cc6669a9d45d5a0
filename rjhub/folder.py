"""The folder of a hub on one machine (`.rjhub`): who runs there, its format, its ports and logs."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from rjhub.child import HubError

FORMAT = 1
FOLDER = Path(".rjhub")


class AlreadyRunning(HubError):
    """Another `rjhub up` runs in this folder."""

    exit_code = 7


class NewerFolder(HubError):
    """A newer release made this folder."""

    exit_code = 8


class DiskTooFull(HubError):
    """Less free disk than a hub needs."""

    exit_code = 9


class NotWritable(HubError):
    """The folder cannot be made or written."""

    exit_code = 11


class Damaged(HubError):
    """A file of the folder does not hold what we wrote."""

    exit_code = 13


@dataclass(frozen=True)
class Folder:
    """Where everything of one hub lies; only its owner may read it."""

    path: Path

    @property
    def hub_file(self) -> Path:
        return self.path / "hub.json"

    @property
    def children_file(self) -> Path:
        return self.path / "children.json"

    @property
    def database(self) -> Path:
        return self.path / "data" / "mongod"

    def log(self, name: str) -> Path:
        return self.path / "log" / f"{name}.log"


@contextmanager
def opened(path: Path, min_free_mb: int) -> Iterator[Folder]:
    """Hold the folder, ready for use, for this process alone; what lies in it is kept."""
    folder = Folder(path.absolute())
    try:
        (folder.path / "log").mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.path.chmod(0o700)
        lock = (folder.path / "lock").open("a+")
    except OSError as refused:
        raise NotWritable(
            f"Cannot write in {folder.path}: {refused.strerror}. "
            "Make it writable for this user, or name another folder with --dir."
        ) from None
    with lock:
        _hold(lock, folder)
        _check_format(folder)
        _check_disk(folder, min_free_mb)
        yield folder


def is_held(path: Path) -> bool:
    """Whether a hub runs in this folder now."""
    try:
        lock = (path / "lock").open()  # and never make one where no hub was
    except OSError:
        return False
    with lock:
        try:
            # Shared, so that two who ask do not take each other for a hub.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def write_private(path: Path, content: str | bytes) -> None:
    """Replace a file at once and whole, also in a power cut; only its owner may read it."""
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file of ours; empty if it is not there or was cut off."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _hold(lock: IO[str], folder: Folder) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise AlreadyRunning(_who(lock, folder)) from None
    lock.truncate(0)
    json.dump({"pid": os.getpid(), "since": datetime.now(UTC).isoformat(" ", "seconds")}, lock)
    lock.flush()


def _who(lock: IO[str], folder: Folder) -> str:
    lock.seek(0)
    try:
        holder = json.load(lock)
    except ValueError:
        holder = {}
    pid = holder.get("pid", "?")
    return (
        f"A hub already runs in {folder.path} (process {pid}, since {holder.get('since', '?')}). "
        f"Its addresses are in {folder.hub_file}. End it with Ctrl-C there or `kill {pid}`, "
        "or start a second one with --dir."
    )


def _check_format(folder: Folder) -> None:
    mark = folder.path / "format"
    if not mark.exists():
        write_private(mark, f"{FORMAT}\n")
    found = mark.read_text(errors="replace").strip()
    if not found.isdecimal():
        raise Damaged(
            f"{mark} is damaged: it must hold the format of the folder, a number. Write {FORMAT} "
            "into it if no newer release has run there. Nothing was changed."
        )
    if found != str(FORMAT):
        raise NewerFolder(
            f"{folder.path} has format {found}, made by a newer release; this one knows {FORMAT}. "
            "Run the newer release, or name another folder with --dir. Nothing was changed."
        )


def _check_disk(folder: Folder, min_free_mb: int) -> None:
    free = shutil.disk_usage(folder.path).free // 2**20
    if free < min_free_mb:
        raise DiskTooFull(
            f"The disk of {folder.path} has {free} MB free; {min_free_mb} MB are needed. "
            "Make room, name another folder with --dir, or lower --min-free-mb."
        )
