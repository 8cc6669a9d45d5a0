"""`After`: what a question or a command waits for until it is known here."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from contracts.envelope import Position
from kernel.process.attend import Attendant, has_to_send
from kernel.project.after import SECONDS, Folds, NotYet, wait_for
from kernel.project.port import Document, Documents, Projection
from kernel.rebuild.views import Live

LOOK_AGAIN_SECONDS = 0.02


class Waiting:
    """A question waits for the read models that it reads, a command for what policies do here.

    A command that follows another service's event is carried out only after the policies of its
    own service have folded that event and sent what it made them send. What stands in a stream of
    the own service is known at once: a command loads it.
    """

    def __init__(
        self,
        documents: Documents,
        projections: Mapping[str, Projection],
        live: Live,
        attendants: Sequence[Attendant],
        own: Collection[str],
    ) -> None:
        self.folds = Folds()
        self._documents, self._projections, self._live = documents, projections, live
        self._attendants, self._own = attendants, frozenset(own)

    async def __call__(self, positions: tuple[Position, ...], reads: tuple[str, ...]) -> None:
        """Return once everything is known; raises NotYet, Parked, StoreUnavailable."""
        until = asyncio.get_running_loop().time() + SECONDS
        if reads:
            await self._read(positions, reads, until)
        else:
            await self._settled(positions, until)

    async def _read(
        self, positions: Iterable[Position], reads: Iterable[str], until: float
    ) -> None:
        for name in reads:
            await self._folded(self._projections[name], self._live.view(name), positions, until)

    async def _settled(self, positions: Iterable[Position], until: float) -> None:
        foreign = [one for one in positions if one.stream.partition("-")[0] not in self._own]
        for attendant in self._attendants if foreign else ():
            projection = attendant.projection
            for document in await self._folded(projection, projection.view, foreign, until):
                if has_to_send(document):
                    await _sent(attendant, document.id, until)

    async def _folded(
        self, projection: Projection, view: str, positions: Iterable[Position], until: float
    ) -> list[Document]:
        """Wait for the documents that these streams feed; as they were then."""
        keyed = [(projection.key(one.stream), one) for one in positions]
        keys = {key for key, _ in keyed if key is not None}
        now = asyncio.get_running_loop().time
        return [
            await wait_for(
                self._documents,
                view,
                key,
                [one for of, one in keyed if of == key],
                timeout=until - now(),
                folds=self.folds,
            )
            for key in keys
        ]


async def _sent(attendant: Attendant, key: UUID, until: float) -> None:
    """Another replica may send it, so it is looked for."""
    now = asyncio.get_running_loop().time
    while await attendant.has_to_send(key):
        if now() >= until:
            raise NotYet
        await asyncio.sleep(min(LOOK_AGAIN_SECONDS, until - now()))
