"""What is made once on a machine and kept among its caches, for all runs of the tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cached() -> Path:
    """The folder of all that is kept."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "rjhub"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def kept(folder: Path) -> Iterator[Path | None]:
    """A new folder to fill, which takes this name once that is done; None where it is there.

    Of two processes that fill one at the same time, what the quicker one made is kept.
    """
    if folder.exists():
        yield None
        return
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        fresh = Path(place) / folder.name
        fresh.mkdir()
        yield fresh
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.exists():
                raise
