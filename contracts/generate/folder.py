"""What lies in the checkout: written where it follows from the events, guarded where published."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from contracts.codec import MalformedEvent, decode
from contracts.envelope import Event
from contracts.generate.asyncapi import document
from contracts.generate.catalogue import Entry, entries
from contracts.generate.compare import breaks
from contracts.generate.reference import reference
from contracts.generate.samples import sample_of
from contracts.generate.schemas import Schema, schema_of
from contracts.upcast import EARLIER

SUMS = "contracts/samples/SHA256SUMS"
WITHDRAW = (
    "If it was never released, delete its file in contracts/schemas and contracts/samples and run "
    "`make contracts`; if it was, keep it, make the change in a new version of the event "
    "(`version = 2`), and add to contracts/upcast.py how the earlier one is read."
)


Read = Callable[[str, str], Event]


@dataclass(frozen=True)
class Folder:
    """A checkout of this repository."""

    root: Path
    catalogue: tuple[Entry, ...] = field(default_factory=lambda: tuple(entries()))
    earlier: tuple[str, ...] = tuple(EARLIER)
    read: Read = decode

    def write(self) -> list[str]:
        """Write what is new or follows from the events; returns what stands in the way instead."""
        problems = self.problems()
        if problems:
            return problems
        self._write_missing_samples()
        for path, text in self.derived().items():
            self._put(path, text)
        return []

    def drift(self) -> list[str]:
        """What is not as it follows from the events, and what to do about it."""
        stale = [path for path, text in self.derived().items() if self._text(path) != text]
        missing = [
            entry.type for entry in self.catalogue if not self._text(sample_path(entry.type))
        ]
        return [
            *self.problems(),
            *(f"{path} is not up to date. Run `make contracts`." for path in stale),
            *(f"{type_} has no sample. Run `make contracts`." for type_ in missing),
        ]

    def problems(self) -> list[str]:
        """Breaches of what was published: schemas, samples, and versions that are gone."""
        return [
            *self._broken(),
            *self._gone(),
            *self._lost(),
            *self._edited(),
            *self._unreadable(),
        ]

    def derived(self) -> dict[str, str]:
        """The files that are written anew each time, by path."""
        schemas = {schema_path(entry.type): _json(schema_of(entry)) for entry in self.catalogue}
        return {
            **schemas,
            "contracts/asyncapi.json": _json(document()),
            "docs/events.md": reference(),
        }

    def _types(self) -> tuple[str, ...]:
        return (*(entry.type for entry in self.catalogue), *self.earlier)

    def _broken(self) -> Iterator[str]:
        for entry in self.catalogue:
            before = self._text(schema_path(entry.type))
            for one in breaks(json.loads(before), schema_of(entry)) if before else ():
                yield f"{entry.type} has changed: {one}. {WITHDRAW}"

    def _gone(self) -> Iterator[str]:
        known = {*self._types()}
        for folder in ("schemas", "samples"):
            for path in sorted((self.root / "contracts" / folder).glob("*.json")):
                if path.stem not in known:
                    yield f"contracts/{folder}/{path.name} belongs to no event. {WITHDRAW}"

    def _edited(self) -> Iterator[str]:
        sums = self._sums()
        for type_ in self._types():
            path = sample_path(type_)
            text = self._text(path)
            if text and sums.get(f"{type_}.json") != _sum(text):
                yield f"{path} is not as recorded in {SUMS}; a sample is never edited. Restore it."

    def _unreadable(self) -> Iterator[str]:
        for type_ in self._types():
            text = self._text(sample_path(type_))
            problem = _unreadable(self.read, type_, text) if text else None
            if problem:
                yield f"{problem}. {WITHDRAW}"

    def _lost(self) -> Iterator[str]:
        """Of an earlier version there is nothing left to write its files from."""
        for type_ in self.earlier:
            for path in (schema_path(type_), sample_path(type_)):
                if not self._text(path):
                    yield f"{path} is missing, and {type_} may stand on the log. Restore it."

    def _write_missing_samples(self) -> None:
        names = {f"{type_}.json" for type_ in self._types()}
        sums = {name: one for name, one in self._sums().items() if name in names}
        for entry in self.catalogue:
            if not self._text(sample_path(entry.type)):
                text = sample_of(entry)
                self._put(sample_path(entry.type), text)
                sums[f"{entry.type}.json"] = _sum(text)
        self._put(SUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))

    def _sums(self) -> dict[str, str]:
        lines = self._text(SUMS).splitlines()
        return {name: recorded for recorded, _, name in (line.partition("  ") for line in lines)}

    def _text(self, path: str) -> str:
        found = self.root / path
        return found.read_text("utf-8") if found.exists() else ""

    def _put(self, path: str, text: str) -> None:
        found = self.root / path
        found.parent.mkdir(parents=True, exist_ok=True)
        found.write_text(text, "utf-8")


def schema_path(wire_type: str) -> str:
    return f"contracts/schemas/{wire_type}.json"


def sample_path(wire_type: str) -> str:
    return f"contracts/samples/{wire_type}.json"


def _unreadable(read: Read, wire_type: str, text: str) -> str | None:
    try:
        event = read(wire_type, text)
    except MalformedEvent as wrong:
        return f"the sample cannot be read any more: {wrong}"
    same = (
        wire_type in EARLIER or event.model_dump_json(indent=2, exclude_unset=True) + "\n" == text
    )
    if not same:
        return f"{wire_type}: the sample, read and written again, is not the same"
    return None


def _json(document_: Schema) -> str:
    return json.dumps(document_, indent=2, ensure_ascii=False) + "\n"


def _sum(text: str) -> str:
    return sha256(text.encode()).hexdigest()
