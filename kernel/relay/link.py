"""The relay's connection to the log: every send goes to the log whose identity was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kernel.log import LogIdentity, LogReader, LogUnavailable, LogWriter, Outgoing, Partition


class Link:
    """A writer and a reader of one log, told apart by generation.

    A writer never reconnects by itself. So, because the identity is asked after the writer has
    connected, what is sent in a generation can only reach the log of that identity.
    """

    def __init__(self, writer: LogWriter, reader: LogReader) -> None:
        self.reader = reader
        self.generation = 0
        self.identity = LogIdentity("", ())
        self.up = False
        self._writer = writer
        self._connecting = asyncio.Lock()
        self._failures = 0

    async def ready(self) -> int:
        """Connect if need be; the generation to send in. Raises LogUnavailable."""
        failures = self._failures
        async with self._connecting:
            if not self.up and failures != self._failures:
                raise LogUnavailable("another lane has just tried in vain")
            if not self.up:
                await self._connect()
        return self.generation

    async def _connect(self) -> None:
        self.generation += 1
        try:
            await self._writer.replace()
            self.identity = await self.reader.identity()
        except LogUnavailable:
            self._failures += 1
            raise
        self.up = True

    async def send(
        self, generation: int, partition: Partition, batch: Sequence[Outgoing]
    ) -> list[int]:
        """Append, in this generation or not at all. Raises LogUnavailable, RecordRefused."""
        if not self.up or generation != self.generation:
            raise LogUnavailable("the connection was replaced meanwhile")
        return await self._writer.send(partition, batch)

    def broken(self, generation: int) -> None:
        """Something failed in this generation: connect anew before the next send."""
        if generation == self.generation:
            self.up = False

    async def look(self, topics: Sequence[str]) -> None:
        """Ask again which log this is; another one breaks the link. Raises LogUnavailable."""
        generation = self.generation
        now = await self.reader.identity()
        if any(now.of(topic) != self.identity.of(topic) for topic in topics):
            self.broken(generation)
