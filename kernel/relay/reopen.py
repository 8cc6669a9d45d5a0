"""Making partitions pending again, many with one pass over the store."""

from __future__ import annotations

import asyncio

from kernel.log import Partition
from kernel.relay.port import Outbox


class Reopener:
    """Gathers what is asked for while a pass runs into the next one."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._asked: dict[Partition, object] = {}
        self._passing = asyncio.Lock()

    async def reopen(self, partition: Partition) -> None:
        """Return once a pass over this partition that began after the call is done."""
        ticket = self._asked[partition] = object()
        async with self._passing:
            if self._asked.get(partition) is ticket:
                await self._pass()

    async def _pass(self) -> None:
        asked = dict(self._asked)
        await self._outbox.reopen(asked.keys())
        for partition, ticket in asked.items():
            if self._asked[partition] is ticket:
                del self._asked[partition]
