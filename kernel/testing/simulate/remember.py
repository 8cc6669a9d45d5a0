"""What follows from bytes that do not change is worked out once: a simulation reads them often."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch
from uuid import UUID

from contracts.envelope import Envelope
from kernel.decider import Decider
from kernel.project.documents import decode, entry_from_raw
from kernel.project.memory import MemoryDocuments, MemoryQueue
from kernel.project.port import Document, Entry
from kernel.project.twin import Faults, Pause
from kernel.store.loaded import Decode, Loaded, folded
from kernel.store.port import Commit

AT_MOST = 20_000


class RememberingDocuments(MemoryDocuments):
    """Documents that are read from their bytes once; whoever folds one leaves it as it is."""

    def __init__(self, faults: Faults, pause: Pause) -> None:
        super().__init__(faults, pause)
        self._read: dict[tuple[str, UUID], tuple[bytes, Document]] = {}

    def _found(self, view: str, keys: Collection[UUID]) -> dict[UUID, Document]:
        held = self._views[view]
        return {key: self._one(view, key) for key in keys if key in held}

    def _one(self, view: str, key: UUID) -> Document:
        encoded = self._views[view][key]
        known = self._read.get((view, key))
        if known is None or known[0] is not encoded:
            known = encoded, super()._found(view, [key])[key]
            self._read[view, key] = known
        return known[1]


class RememberingQueue(MemoryQueue):
    """A queue whose entries are read from their bytes once."""

    def __init__(self, faults: Faults, pause: Pause) -> None:
        super().__init__(faults, pause)
        self._read: dict[bytes, Entry] = {}

    def all(self) -> list[Entry]:
        """Every entry in id order, dropped ones too."""
        return [self._one(raw) for _, raw in sorted(self._entries.items())]

    def _one(self, raw: bytes) -> Entry:
        if raw not in self._read:
            self._read[raw] = entry_from_raw(decode(raw))
        return self._read[raw]


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
