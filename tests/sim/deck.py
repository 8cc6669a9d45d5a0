"""Prepared cases: a hub lives calmly until something could begin; histories start from there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from kernel.service import Service
from kernel.testing.simulate.lanes import few_lanes
from kernel.testing.simulate.world import World
from kernel.testing.spec import NOW
from tests.sim.activity import LEAD
from tests.sim.case import Json, Step
from tests.sim.casework import Casework
from tests.sim.evidence import Dealt
from tests.sim.front import HUB, Front
from tests.sim.requests import ready, referral
from tests.sim.settled import unsettled

CASES = (1, 2, 1)
MOST_TRIES = 20
WANTED = {"victim_request": True, "incident_reference": None}
TRAINED = {"level": "advanced", "hours": 30, "completed_at": NOW.isoformat()}


@dataclass(frozen=True)
class Deck:
    """A hub at rest, and what its callers know of it; both stay as they are."""

    world: World
    casework: Casework
    dealt: Dealt

    def deal(self, world: World, casework: Casework) -> None:
        """Let another hub go on from here."""
        front, known = casework.front, self.casework
        world.inherit(self.world)
        front.answers += known.front.answers
        front.now = known.front.now
        casework.cases += [one.known_to(world.clock.at) for one in known.cases]
        casework.done += known.done


_DECKS: dict[tuple[int, tuple[str, ...]], Deck] = {}


def deck_of(seed: int, services: Sequence[Service]) -> Deck:
    """The deck that the history of this seed is dealt, the same one each time."""
    number, names = seed % len(CASES), tuple(one.name for one in services)
    if (number, names) not in _DECKS:
        with few_lanes():
            _DECKS[number, names] = _prepared(number, services)
    return _DECKS[number, names]


def _prepared(number: int, services: Sequence[Service]) -> Deck:
    world = World(services, number, HUB, NOW)
    casework = Casework(Front(world), world.random)
    with world.fate.rules():
        world.loop.run(_prepare(world, casework, CASES[number]))
        world.fate.end()
        world.loop.close()
    every = (one.id for it in world.databases.values() for one in it.commits.durable())
    name = f"{number} of {[*world.services]}"
    return Deck(world, casework, Dealt(name, len(casework.front.answers), frozenset(every)))


async def _prepare(world: World, casework: Casework, cases: int) -> None:
    world.start()
    for step, subject in _registered():
        await _surely(partial(casework.ask, step, subject))
    while len(casework.cases) < cases:
        if case := await casework.requested(referral(world.random) | WANTED):
            for step in ready(world.random, case):
                await _surely(partial(casework.take, step, case))
    await casework.rest()
    while unsettled(world):  # noqa: ASYNC110  nobody rings when all is done
        await asyncio.sleep(1)


def _registered() -> Iterator[tuple[Step, UUID | None]]:
    known = {"facilitator_id": LEAD, "affiliation": "police"}
    yield ("facilitation", "RegisterFacilitator", known), None
    yield ("facilitation", "RecordTraining", TRAINED), UUID(LEAD)


async def _surely(ask: Callable[[], Awaitable[Json]]) -> None:
    """Ask anew until it is accepted: what it rests on may not have been heard of yet."""
    answers: list[Json] = []
    while not answers or answers[-1]["outcome"] != "accepted":
        if len(answers) == MOST_TRIES:
            raise AssertionError(f"a deck cannot be prepared: {answers[-1]}")
        answers.append(await ask())
        await asyncio.sleep(0.2)
