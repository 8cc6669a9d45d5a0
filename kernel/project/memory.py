"""In-memory twins of documents and queue: they keep the same bytes, and they fail on demand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.project.documents import (
    Raw,
    decode,
    encode,
    encode_raw,
    entry_to_raw,
    from_raw,
    read_document,
    read_entry,
)
from kernel.project.port import (
    AtMost,
    Document,
    Entry,
    Lost,
    Projection,
    Refused,
    WriteResult,
    Written,
)
from kernel.project.twin import DataFault, Faults, Pause, Twin, no_pause
from kernel.store.port import StoreUnavailable

LARGEST_PAGE = 1000


class MemoryDocuments:
    """Documents in memory. `chokes` names documents at which any write breaks off for ever."""

    read = staticmethod(read_document)

    def __init__(self, faults: Faults | None = None, pause: Pause = no_pause) -> None:
        self.twin = Twin("documents", faults, pause)
        self.chokes: Callable[[Document], bool] = lambda _: False
        self.refuses: Callable[[Document], bool] = lambda _: False
        self._views: defaultdict[str, dict[UUID, bytes]] = defaultdict(dict)

    async def prepare(self, projection: Projection) -> None:
        """Need no indexes."""
        await self.twin.operate("prepare", lambda _: None)

    async def discard(self, view: str) -> None:
        """Have no documents of a view any more that nobody feeds and nobody reads."""
        await self.twin.operate("discard", lambda _: self._views.pop(view, None))

    async def load(self, view: str, keys: Collection[UUID]) -> dict[UUID, Document]:
        """The documents there are, by key."""
        return await self.twin.operate("load", lambda _: self._found(view, keys))

    async def write(self, view: str, documents: Sequence[Document]) -> list[WriteResult]:
        """Store each, if it is new or stands at its `revision`; one result each, in order."""
        return await self.twin.operate("write", lambda fault: self._write(view, documents, fault))

    async def get(self, view: str, key: UUID) -> Document | None:
        """One document."""
        return await self.twin.operate("get", lambda _: self._found(view, [key]).get(key))

    async def page(
        self,
        view: str,
        where: Mapping[str, object | AtMost] | None = None,
        *,
        after: UUID | None = None,
        limit: int = 100,
    ) -> list[Document]:
        """Documents whose fields equal (a list: contain) these, in key order, at most 1,000."""
        return await self.twin.operate(
            "page", lambda _: self._page(view, where or {}, after, min(limit, LARGEST_PAGE))
        )

    async def ping(self) -> None:
        """Answer, unless away."""
        await self.twin.operate("ping", lambda _: None)

    def all(self, view: str) -> dict[UUID, Document]:
        """Every document of a view, for a test to look at."""
        return self._found(view, sorted(self._views[view]))

    def _found(self, view: str, keys: Collection[UUID]) -> dict[UUID, Document]:
        held = self._views[view]
        return {key: self.read(held[key]) for key in keys if key in held}

    def _write(
        self, view: str, documents: Sequence[Document], fault: DataFault | None
    ) -> list[WriteResult]:
        if any(map(self.chokes, documents)):
            raise StoreUnavailable("documents.write: no answer")
        if fault is DataFault.OVERTAKEN:
            self._overtake(view, documents)
        if fault is DataFault.TORN:
            documents = documents[: len(documents) // 2]
        return [self._write_one(view, one) for one in documents]

    def _overtake(self, view: str, documents: Sequence[Document]) -> None:
        there = self._found(view, [one.id for one in documents])
        for one in documents:
            self._write_one(view, there.get(one.id, Document(one.id)))

    def _write_one(self, view: str, document: Document) -> WriteResult:
        encoded = Refused("refused") if self.refuses(document) else encode(document)
        if isinstance(encoded, Refused):
            return encoded
        there = self._found(view, [document.id]).get(document.id)
        if (there.revision if there else 0) != document.revision:
            return Lost()
        self._views[view][document.id] = encoded
        return Written()

    def _page(
        self, view: str, where: Mapping[str, object | AtMost], after: UUID | None, limit: int
    ) -> list[Document]:
        held = self._views[view]
        keys = (key for key in sorted(held) if after is None or key > after)
        raws = (decode(held[key]) for key in keys)
        found = (raw for raw in raws if all(_matches(raw, *one) for one in where.items()))
        return [from_raw(raw) for raw, _ in zip(found, range(limit), strict=False)]


def _matches(raw: Raw, name: str, wanted: object | AtMost) -> bool:
    return any(_is(one, wanted) for one in _at(raw, name.split(".")) or [None])


def _at(value: Any, path: list[str]) -> list[Any]:
    """The values at a path, as MongoDB sees them: a list stands for itself and its members."""
    if isinstance(value, list) and path:
        return [found for one in value if isinstance(one, dict) for found in _at(one, path)]
    if not path:
        return [value, *value] if isinstance(value, list) else [value]
    return _at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def _is(found: object, wanted: object | AtMost) -> bool:
    if isinstance(wanted, AtMost):
        return isinstance(found, datetime) and found <= wanted.moment
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


class MemoryQueue:
    """The queue in memory."""

    read = staticmethod(read_entry)

    def __init__(self, faults: Faults | None = None, pause: Pause = no_pause) -> None:
        self.twin = Twin("queue", faults, pause)
        self._entries: dict[str, bytes] = {}

    async def add(self, entries: Sequence[Entry]) -> None:
        """Keep each durably; one that is there already stays as it is."""
        await self.twin.operate("add", lambda fault: self._add(entries, fault))

    async def of(self, view: str, keys: Collection[UUID]) -> dict[UUID, list[Entry]]:
        """What waits for these documents, dropped ones included, in stream and version order."""
        return await self.twin.operate("of", lambda _: self._of(view, keys))

    async def remove(self, ids: Collection[str]) -> None:
        """Forget what has been folded; what is not there is no error."""
        await self.twin.operate("remove", lambda fault: self._remove(list(ids), fault))

    async def drop(self, entry: Entry) -> None:
        """Mark as dropped for the reason it carries; an entry that is missing is made."""
        await self.twin.operate("drop", lambda _: self._drop(entry))

    async def discard(self, view: str) -> None:
        """Forget all entries of a view that nobody feeds any more, dropped ones included."""
        await self.twin.operate(
            "discard",
            lambda _: self._remove([one.id for one in self.all() if one.view == view], None),
        )

    async def page(
        self, view: str | None = None, *, dropped: bool = False, after: str = "", limit: int = 100
    ) -> list[Entry]:
        """What waits, or what was dropped, in id order."""
        return await self.twin.operate("page", lambda _: self._page(view, dropped, after, limit))

    async def count(self) -> dict[str, int]:
        """How many wait per view."""
        return await self.twin.operate(
            "count",
            lambda _: dict(Counter(one.view for one in self.all() if one.dropped is None)),
        )

    def all(self) -> list[Entry]:
        """Every entry in id order, dropped ones too, for a test to look at."""
        return [self.read(encoded) for _, encoded in sorted(self._entries.items())]

    def _add(self, entries: Sequence[Entry], fault: DataFault | None) -> None:
        torn = fault is DataFault.TORN
        for entry in entries[: len(entries) // 2] if torn else entries:
            self._entries.setdefault(entry.id, encode_raw(entry_to_raw(entry)))

    def _of(self, view: str, keys: Collection[UUID]) -> dict[UUID, list[Entry]]:
        found: defaultdict[UUID, list[Entry]] = defaultdict(list)
        for entry in self.all():
            if entry.view == view and entry.document in keys and entry.document:
                found[entry.document].append(entry)
        return dict(found)

    def _remove(self, ids: Sequence[str], fault: DataFault | None) -> None:
        for one in ids[: len(ids) // 2] if fault is DataFault.TORN else ids:
            self._entries.pop(one, None)

    def _drop(self, entry: Entry) -> None:
        there = next((one for one in self.all() if one.id == entry.id), entry)
        raw = entry_to_raw(replace(there, dropped=entry.dropped))
        self._entries[entry.id] = encode_raw(raw)

    def _page(self, view: str | None, dropped: bool, after: str, limit: int) -> list[Entry]:
        found = [
            entry
            for entry in self.all()
            if view in (None, entry.view)
            and dropped == (entry.dropped is not None)
            and entry.id > after
        ]
        return found[: min(limit, LARGEST_PAGE)]
