"""Waiting for one's own writes."""

from __future__ import annotations

import asyncio
import time

import pytest

from kernel.project.after import Folds, NotYet, Parked, wait_for
from kernel.project.port import Document
from tests.support_consume import World
from tests.support_folds import ALICE, Stumbled, at, step, walk
from tests.support_virtual import in_virtual_time


async def wait(
    world: World, *versions: int, timeout: float = 5, folds: Folds | None = None
) -> None:
    positions = [at("referral", version) for version in versions]
    await wait_for(world.documents, world.projections[0].view, ALICE, positions, timeout, folds)


async def test_what_is_folded_is_not_waited_for() -> None:
    world = World(walk())
    world.publish(step(1), step(2))
    await (await world.start()).drain()
    await wait(world, 1, 2, timeout=0)


async def test_a_fold_of_this_process_wakes_who_waits() -> None:
    world = World(walk())
    member, folds = await world.start(), Folds()
    waiting = asyncio.create_task(wait(world, 1, folds=folds))
    await asyncio.sleep(0)
    world.publish(step(1))
    began = time.monotonic()
    await member.drain()
    folds.folded(world.projections[0], [Document(ALICE)])
    await waiting
    assert time.monotonic() - began < 0.2


@in_virtual_time
async def test_a_fold_elsewhere_is_found_by_looking() -> None:
    world = World(walk())
    member = await world.start()
    waiting = asyncio.create_task(wait(world, 1))
    await asyncio.sleep(0)
    world.publish(step(1))
    await member.drain()
    await waiting


@in_virtual_time
async def test_of_several_positions_every_one_is_waited_for() -> None:
    world = World(walk())
    world.publish(step(1))
    await (await world.start()).drain()
    with pytest.raises(NotYet):
        await wait(world, 1, 2, timeout=0.02)


async def test_an_unknown_document_is_not_yet_there() -> None:
    world = World(walk())
    with pytest.raises(NotYet):
        await wait(world, 1, timeout=0.02)


async def test_a_parked_document_is_said_at_once() -> None:
    world = World(walk())
    world.publish(step(1), step(2, event=Stumbled(steps=1)))
    await (await world.start()).drain()
    began = time.monotonic()
    with pytest.raises(Parked):
        await wait(world, 2)
    assert time.monotonic() - began < 1
    await wait(world, 1)


async def test_a_gap_may_be_filled_while_one_waits() -> None:
    world = World(walk())
    world.publish(step(2))
    member = await world.start()
    await member.drain()
    waiting = asyncio.create_task(wait(world, 2))
    await asyncio.sleep(0.01)
    world.publish(step(1))
    await member.drain()
    await waiting


async def test_a_gap_that_stays_is_said_to_be_parked() -> None:
    world = World(walk())
    world.publish(step(2))
    await (await world.start()).drain()
    with pytest.raises(Parked):
        await wait(world, 2, timeout=0.02)


async def test_nobody_is_remembered_after_waiting() -> None:
    world, folds = World(walk()), Folds()
    with pytest.raises(NotYet):
        await wait(world, 1, timeout=0.01, folds=folds)
    assert not folds._bells


@in_virtual_time
async def test_a_bell_that_rang_is_not_heard_again() -> None:
    world, folds = World(walk()), Folds()
    waiting = asyncio.create_task(wait(world, 2, timeout=0.2, folds=folds))
    await asyncio.sleep(0)
    looks: list[str] = []

    async def note(place: str) -> None:
        looks.append(place)

    world.documents.twin.pause = note
    folds.folded(world.projections[0], [Document(ALICE)])
    with pytest.raises(NotYet):
        await waiting
    assert looks.count("documents.get") <= 3
