"""What follows from bytes that do not change is worked out once: a simulation reads them often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from contracts.envelope import Envelope
from kernel.decider import Decider
from kernel.project.documents import read_document, read_entry
from kernel.project.memory import MemoryDocuments, MemoryQueue
from kernel.store.loaded import Decode, Loaded, folded
from kernel.store.port import Commit

AT_MOST = 20_000
DOCUMENTS = 1_000  # more than a history has at once


class RememberingDocuments(MemoryDocuments):
    """Documents that are read from their bytes once; whoever folds one leaves it as it is."""

    read = staticmethod(lru_cache(DOCUMENTS)(read_document))


class RememberingQueue(MemoryQueue):
    """A queue whose entries are read from their bytes once."""

    read = staticmethod(lru_cache(DOCUMENTS)(read_entry))


@contextmanager
def remembering() -> Iterator[None]:
    """While the body runs, the same headers are the same envelope, the same commits one state."""
    with (
        patch.object(Envelope, "from_headers", _from_headers),
        patch("kernel.commands.folded", _Folds().folded),
    ):
        yield


_from_headers = staticmethod(lru_cache(AT_MOST)(Envelope.from_headers))


class _Folds:
    """States by the very commits that they are folded from; the commits are kept, so ids stay."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], Loaded[Any]] = {}

    def folded(
        self, decider: Decider[Any, Any], commits: Sequence[Commit], decode: Decode
    ) -> Loaded[Any]:
        key = (id(decider), *map(id, commits))
        if key not in self._known:
            self._known[key] = folded(decider, commits, decode)
        return self._known[key]
