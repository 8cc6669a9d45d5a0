"""A small disk that a test fills."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from io import FileIO
from pathlib import Path

import pytest

BLOCK = bytes(1 << 20)
PAGE = 4096


@dataclass(frozen=True)
class Disk:
    """Where it is mounted."""

    path: Path

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        with FileIO(self._ballast, "w") as out:
            for size in (len(BLOCK), PAGE):
                _write_until_full(out, BLOCK[:size])

    def make_room(self) -> None:
        """As much as there was."""
        self._ballast.unlink(missing_ok=True)


def _write_until_full(out: FileIO, block: bytes) -> None:
    try:
        while out.write(block):
            pass
    except OSError as full:
        if full.errno != ENOSPC:
            raise


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Disk]:
    """A disk of so many megabytes at this path; skips the test where none can be mounted."""
    path.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(path)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"needs root, to mount a small disk: {mounted.stderr.strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=False)
