"""Making partitions pending again, many with one pass over the store."""

from __future__ import annotations

import asyncio

from kernel.log import Partition
from kernel.relay.port import Lease, Outbox


class Reopener:
    """Gathers what is asked for while a pass runs into the next one."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._asked: dict[Partition, Lease] = {}
        self._passing = asyncio.Lock()

    async def reopen(self, partition: Partition, lease: Lease) -> None:
        """Return once a pass over this partition that began after the call is done."""
        self._asked[partition] = lease
        async with self._passing:
            if partition in self._asked:
                await self._pass()

    async def _pass(self) -> None:
        asked, self._asked = self._asked, {}
        try:
            await self._outbox.reopen(asked)
        except BaseException:
            self._asked = {**asked, **self._asked}
            raise
