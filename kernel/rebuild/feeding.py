"""What a service feeds: the views that answer, and those that are made to take their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import structlog

from kernel.consume.positions import Positions
from kernel.consume.runner import Runner
from kernel.log import LogReader
from kernel.project.folder import OnWritten, nobody
from kernel.project.parking import Parking
from kernel.project.port import Projection
from kernel.project.work import ReadModel
from kernel.rebuild.rebuild import Rebuild
from kernel.rebuild.views import Alias, Aliases, Live

log = structlog.get_logger(__name__)


class NoReadModel(LookupError):
    """The service has no read model of this name."""


class NotNow(Exception):
    """What is asked for does not fit how the read model stands; the words say how that is."""


class Feeding:
    """The read models of one process of a service, and its policies, which are never made anew.

    A view answers in this process once it was put in its place by any; until then what went live
    last answers, whichever release feeds it. A process whose view answers goes on with that,
    whatever another release beside it has.
    """

    def __init__(
        self,
        service: str,
        projections: Sequence[Projection],
        policies: Sequence[Projection],
        model: ReadModel,
        positions: Positions,
        reader: LogReader,
        live: Live,
        on_written: OnWritten = nobody,
    ) -> None:
        self.service, self._policies = service, tuple(policies)
        self._projections = {one.name: one for one in projections}
        self._model, self._positions, self._reader = model, positions, reader
        self._live, self._on_written = live, on_written
        self._aliases = Aliases(model.documents)
        self._settled = dict(self._projections)
        self.rebuilds: dict[str, Rebuild] = {}
        self.runner = self._runner()
        self.parking = Parking(model, lambda: self.fed, on_written)

    @property
    def settled(self) -> tuple[Projection, ...]:
        """What the first runner feeds: live views and policies."""
        return (*self._settled.values(), *self._policies)

    @property
    def fed(self) -> tuple[Projection, ...]:
        """Everything that is fed here."""
        return (*self.settled, *(one.projection for one in self.rebuilds.values()))

    def parked(self, waiting: Mapping[str, int]) -> dict[str, int]:
        """Events parked by read model or policy, of which `waiting` counts those of each view.

        Records that nobody can read belong to none of them: they count under the service's name.
        """
        places = {one.name: one.view for one in self.settled} | {self.service: self.service}
        return {name: waiting.get(view, 0) for name, view in places.items()}

    async def prepare(self) -> None:
        """Make indexes, and find out what is live; raises StoreUnavailable.

        Where nothing was ever read, all of it is: there is nothing to make it from.
        """
        first = not await self._positions.begun()
        for projection in self._projections.values() if first else ():
            await self._aliases.change(projection.name, partial(_at_once, projection=projection))
        self._settled = {}
        await self._follow()
        self.runner = self._runner()
        for projection in self.settled:
            await self._model.documents.prepare(projection)

    async def look(self) -> None:
        """Go on with what is being made, and follow what others did.

        Raises StoreUnavailable, LogUnavailable.
        """
        for rebuild in self.rebuilds.values():
            await rebuild.look()
        await self._follow()

    async def begin(self, name: str) -> str:
        """Make a read model anew; the view that it will be. Raises NoReadModel, NotNow."""
        projection = self._named(name)

        def how(alias: Alias) -> Alias:
            if alias.view != alias.target(projection).view:
                raise NotNow(f"{alias.target(projection).view} is being made already")
            return alias.begun(projection)

        return (await self._aliases.change(name, how)).target(projection).view

    async def accept(self, name: str) -> str:
        """Put it in its place whatever is different; raises NoReadModel, NotNow."""
        projection = self._named(name)

        def how(alias: Alias) -> Alias:
            _check_made(alias, projection)
            return replace(alias, accepted=alias.target(projection).view)

        return (await self._aliases.change(name, how)).target(projection).view

    async def stop(self, name: str) -> str:
        """Give up what is being made; the view that stays. Raises NoReadModel, NotNow."""
        projection = self._named(name)

        def how(alias: Alias) -> Alias:
            _check_made(alias, projection)
            generation = alias.generation(projection)
            if generation is None:
                raise NotNow(f"{alias.view} is another release's; this one cannot go on with it")
            return alias.stopped(projection, generation)

        return (await self._aliases.change(name, how)).target(projection).view

    async def discard(self, name: str) -> list[str]:
        """Have no documents any more of what answered before, or was given up; those views.

        No process may run that feeds one of them: it would find them gone. Raises NoReadModel,
        NotNow where this process does, StoreUnavailable, after which some may be gone.
        """
        self._named(name)
        views = (await self.aliases())[name].retired
        if fed := {one.view for one in self.fed} & set(views):
            raise NotNow(f"{', '.join(fed)} is fed by this release, which runs")
        for view in views:
            await self._positions.forget_view(view)
            await self._model.documents.discard(view)
            await self._model.queue.discard(view)
        await self._aliases.change(name, lambda now: now.without(views))
        return list(views)

    async def aliases(self) -> dict[str, Alias]:
        """How every read model stands; raises StoreUnavailable."""
        return await self._aliases.of(self._projections)

    async def _follow(self) -> None:
        aliases, settled = await self.aliases(), dict(self._settled)
        making = dict[str, Projection]()
        for name, projection in self._projections.items():
            alias, target = aliases[name], aliases[name].target(projection)
            if generation := alias.generation(projection):
                settled[name] = replace(projection, generation=generation)
            if settled.get(name) != target:
                making[name] = target
        self.rebuilds = {name: await self._rebuild(target) for name, target in making.items()}
        if settled != self._settled:
            self._settled = settled
            self.runner = self._runner()
        self._live.show(
            {
                name: settled[name].view if name in settled else alias.view
                for name, alias in aliases.items()
            }
        )

    async def _rebuild(self, target: Projection) -> Rebuild:
        there = self.rebuilds.get(target.name)
        if there and there.projection == target:
            return there
        await self._model.documents.prepare(target)
        log.info("view_is_made", view=target.view)
        runner = self._runner_of([target])
        return Rebuild(target, runner, self._model, self._positions, self._reader)

    def _runner(self) -> Runner | None:
        return self._runner_of(self.settled) if self.settled else None

    def _runner_of(self, projections: Sequence[Projection]) -> Runner:
        return Runner(self.service, projections, self._model, self._positions, self._on_written)

    def _named(self, name: str) -> Projection:
        try:
            return self._projections[name]
        except KeyError:
            raise NoReadModel(name) from None


def _at_once(alias: Alias, projection: Projection) -> Alias:
    return alias if alias.view else alias.gone_live(alias.target(projection).view)


def _check_made(alias: Alias, projection: Projection) -> None:
    if alias.view == alias.target(projection).view:
        raise NotNow(f"{alias.view} answers; nothing is being made")
