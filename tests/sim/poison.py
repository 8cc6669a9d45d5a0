"""Poisoned cases: while they are not cured, whatever is folded for them fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from contracts.envelope import Recorded
from kernel.process.policy import Policy
from kernel.project.port import Projection
from kernel.run.assemble import Parts
from kernel.service import Service
from kernel.testing.simulate.world import World


class Poisoned(Exception):
    """This event's fold fails."""


async def _drive_all(parts: Parts) -> None:
    if parts.parking:
        await parts.parking.drive_all()


@dataclass
class Poison:
    """Which cases are poisoned, from some event on."""

    cases: frozenset[UUID] = frozenset()
    harmful: bool = True

    def choose(self, random: Random, cases: Sequence[UUID]) -> None:
        """Poison one case, whatever comes of it from now on; one is enough."""
        if cases and not self.cases:
            self.cases = frozenset({random.choice(cases)})

    def cure(self) -> None:
        """The fault is mended."""
        self.harmful = False

    def into(self, service: Service) -> Service:
        """The service, with the poison in its folds."""
        return replace(
            service,
            policies=tuple(map(self._policy, service.policies)),
            projections=tuple(map(self._projection, service.projections)),
        )

    async def drive_again(self, world: World) -> None:
        """What an operator does once the fault is mended."""
        for name in world.services:
            await world.call(name, _drive_all)

    def _taste(self, one: Recorded) -> None:
        if self.harmful and one.envelope.subject in self.cases:
            raise Poisoned

    def _projection(self, projection: Projection) -> Projection:
        return replace(projection, fold=self._first_tasting(projection.fold))

    def _policy(self, policy: Policy[Any]) -> Policy[Any]:
        return replace(policy, react=self._first_tasting(policy.react))

    def _first_tasting(self, step: Callable[[Any, Recorded], Any]) -> Callable[..., Any]:
        def tasted(state: Any, one: Recorded) -> Any:
            self._taste(one)
            return step(state, one)

        return tasted
