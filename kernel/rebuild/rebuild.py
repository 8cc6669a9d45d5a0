"""One read model that is made anew: folded from the log, compared, put in the live one's place."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

import structlog

from contracts.envelope import PARTITIONS
from kernel.consume.positions import Positions, place_of
from kernel.consume.runner import Runner
from kernel.log import LogIdentity, LogReader, Partition
from kernel.project.parking import NotParked, Parking
from kernel.project.port import Projection
from kernel.project.work import ReadModel
from kernel.rebuild.parity import Difference, Parity
from kernel.rebuild.views import Alias, Aliases

EXAMPLES = 3

log = structlog.get_logger(__name__)


class Stage(Enum):
    """How far it is."""

    FOLDING = "folding"
    COMPARING = "comparing"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Progress:
    """How a rebuild stands, as far as this replica knows; whoever leads it has compared."""

    stage: Stage
    compared: int = 0
    different: int = 0
    examples: tuple[str, ...] = ()


class End(NamedTuple):
    """Where the next record of a partition will stand, on which log."""

    log: str
    offset: int


class Rebuild:
    """A view on its way to become the live one; `runner` feeds it, on this replica's partitions.

    The replica that reads its first partition leads: it compares and puts the view in its place.
    """

    def __init__(
        self,
        projection: Projection,
        runner: Runner,
        model: ReadModel,
        positions: Positions,
        reader: LogReader,
    ) -> None:
        self.projection, self.runner = projection, runner
        self.progress = Progress(Stage.FOLDING)
        self._model, self._positions, self._reader = model, positions, reader
        self._aliases = Aliases(model.documents)
        self._goal: Mapping[Partition, End] | None = None
        self._parity: Parity | None = None

    async def look(self) -> None:
        """Go on with it; raises StoreUnavailable, LogUnavailable."""
        if not self._leads() or not await self._is_level():
            self.progress = replace(self.progress, stage=Stage.FOLDING)
            return
        alias = (await self._aliases.of([self.projection.name]))[self.projection.name]
        if await self._is_as_good(alias) or alias.accepted == self.projection.view:
            await self._put_in_place(alias)

    def _leads(self) -> bool:
        return Partition(self.runner.topics[0], 0) in self.runner.seats

    async def _is_level(self) -> bool:
        """Whether it has got to where the log ended at the last look.

        Not to where others are: what nobody has read yet is still to be read. A look that failed
        does not count, as there is no telling how long ago the one before was.
        """
        goal, self._goal = self._goal, None
        identity = await self._reader.identity()
        here = await self._here(identity)
        self._goal = {
            one: End(identity.of(one.topic), await self._reader.end(one, start))
            for one, start in here.items()
        }
        return goal is not None and all(
            end.log == identity.of(one.topic) and here[one] >= end.offset
            for one, end in goal.items()
        )

    async def _here(self, identity: LogIdentity) -> dict[Partition, int]:
        """Where it goes on reading each partition of this log."""
        topics = self.projection.topics
        every = [Partition(topic, number) for topic in topics for number in range(PARTITIONS)]
        stands, views = await self._positions.load(every), [self.projection.view]
        places = {
            one: place_of(views, stands.get(one, ()), identity.of(one.topic)) for one in every
        }
        return {one: place.offset + 1 if place else 0 for one, place in places.items()}

    async def _is_as_good(self, alias: Alias) -> bool:
        if alias.view is None:
            return True
        if self._parity is None or self._parity.live != alias.view:
            self._parity = Parity(
                self._model.documents,
                alias.view,
                self.projection.view,
                same_code=alias.generation(self.projection) is not None,
            )
        await self._give_up_as_in(alias.view)
        as_good = await self._parity.look()
        self.progress = _progress(self._parity)
        return as_good

    async def _give_up_as_in(self, live: str) -> None:
        """What people gave up there, and cannot be folded here either, is given up here too."""
        view = self.projection.view
        if not (await self._model.queue.count()).get(view):
            return
        parking = Parking(self._model, lambda: [self.projection])
        async for entry in parking.dropped(live):
            if entry.document and entry.position and entry.dropped:
                with suppress(NotParked):
                    await parking.drop(view, entry.document, entry.position, entry.dropped)

    async def _put_in_place(self, alias: Alias) -> None:
        view = self.projection.view

        def how(now: Alias) -> Alias:
            wanted = now.target(self.projection) == self.projection
            return now.gone_live(view) if wanted and now.view == alias.view else now

        if (await self._aliases.change(alias.name, how)).view == view:
            compared, different = self.progress.compared, self.progress.different
            log.info(
                "view_went_live",
                view=view,
                instead_of=alias.view,
                compared=compared,
                different=different,
            )


def _progress(parity: Parity) -> Progress:
    """What says something else, or stands still, does not become the same by itself."""
    different = parity.different
    lasts = {Difference.OTHER, Difference.PARKED} & set(different.values())
    stage = Stage.DIFFERENT if lasts else Stage.COMPARING
    examples = [f"{key} {why.value}" for key, why in list(different.items())[:EXAMPLES]]
    return Progress(stage, parity.compared, len(different), tuple(examples))
