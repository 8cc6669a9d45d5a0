"""Reading a partition along: how far each stream stands on the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contracts.envelope import Position
from kernel.log import LogReader, Partition, Record

CHUNK = 1000


class Along:
    """A reader of one partition from an offset on, and the heads of the streams it came past.

    Read from the beginning, a head means that every version up to it stands on the log. Read
    from further on, only `tops` says something: the highest version of each stream of ours.
    """

    def __init__(self, partition: Partition, source: str, start: int = 0) -> None:
        self.partition = partition
        self.offset = start
        self.from_start = start == 0
        self.heads: dict[str, int] = {}
        self._source = source.encode()

    async def read_on(self, reader: LogReader) -> tuple[int, dict[str, int]]:
        """Read one chunk; how many records, and the top version of our streams among them."""
        records = await reader.read(self.partition, self.offset, CHUNK)
        tops = self._note(records)
        if records:
            self.offset = records[-1].offset + 1
        return len(records), tops

    def stands(self, position: Position) -> bool:
        """Whether this position and all before it in its stream stand on the log."""
        return self.heads.get(position.stream, 0) >= position.version

    def sent(self, stream: str, first: int, last: int) -> None:
        """We have just sent these versions of a stream."""
        self._follow(stream, first, last)

    def _note(self, records: Iterable[Record]) -> dict[str, int]:
        tops: dict[str, int] = {}
        for record in records:
            position, ours = self._read(record)
            if position is None:
                continue
            self._follow(position.stream, position.version, position.version)
            if ours:
                tops[position.stream] = max(tops.get(position.stream, 0), position.version)
        return tops

    def _follow(self, stream: str, first: int, last: int) -> None:
        """A head means all up to it, so nothing is counted that does not follow it."""
        if first == self.heads.get(stream, 0) + 1:
            self.heads[stream] = last

    def _read(self, record: Record) -> tuple[Position | None, bool]:
        """A record that is not one of our envelope's says nothing."""
        found = dict(record.headers)
        try:
            stream, version = found["ce_stream"].decode(), int(found["ce_version"])
        except (KeyError, ValueError):
            return None, False
        ours = found.get("ce_source") == self._source
        return Position(stream, version), ours and _names_its_stream(found, stream)


def _names_its_stream(headers: Mapping[str, bytes], stream: str) -> bool:
    """Whether the commit is of the stream; a forged record under our name says nothing of ours."""
    return headers.get("ce_commit", b"").startswith(f"{stream}@".encode())
