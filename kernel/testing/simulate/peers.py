"""The other services of a simulated world: one of their replicas answers, late, or not at all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kernel.commands import Changed, KeyReused
from kernel.decider import Refused
from kernel.peers.memory import MemoryPeers, Peer
from kernel.peers.port import Letter, PeerUnavailable, Told
from kernel.project.after import NotYet, Parked
from kernel.run.assemble import Parts
from kernel.store.port import StoreUnavailable
from kernel.testing.simulate.replica import NoAnswer

if TYPE_CHECKING:
    from kernel.testing.simulate.world import World

NO_ANSWER_THAT_COUNTS = (NoAnswer, StoreUnavailable, NotYet, Parked, KeyReused, Changed)


class SimPeers:
    """Each letter is a call like any other: it may be lost, and so may its answer."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def tell(self, letter: Letter) -> Told | Refused:
        """Have one of the other service's replicas carry it out."""
        try:
            return await self._world.call(letter.service, partial(self._carried_out, letter))
        except NO_ANSWER_THAT_COUNTS as wrong:
            raise PeerUnavailable(f"{letter.service}: {type(wrong).__name__}") from None

    async def _carried_out(self, letter: Letter, parts: Parts) -> Told | Refused:
        routes = self._world.services[letter.service].routes
        peer = Peer(routes, parts.commands, parts.waiting)
        return await MemoryPeers({letter.service: peer}).tell(letter)
