"""The simulated loop: time is virtual, the seed decides, and the dead do nothing."""

from __future__ import annotations

import asyncio

import pytest

from kernel.testing.simulate.loop import SimLoop, Stuck


def loop_of(seed: int) -> SimLoop:
    return SimLoop(seed)  # type: ignore[abstract]  # it has no sockets, threads or signals


def order_of(seed: int) -> list[int]:
    said: list[int] = []

    async def say(number: int) -> None:
        await asyncio.sleep(0)
        said.append(number)

    async def everybody() -> None:
        await asyncio.gather(*map(say, range(8)))

    loop_of(seed).run(everybody())
    return said


def test_an_hour_passes_at_once_and_to_the_second() -> None:
    loop = loop_of(1)
    loop.run(asyncio.sleep(3600))
    assert loop.time() == 3600


def test_the_seed_decides_the_order_and_always_alike() -> None:
    assert order_of(1) == order_of(1)
    assert len({tuple(order_of(seed)) for seed in range(20)}) > 10
    assert sorted(order_of(1)) == [*range(8)]


def test_who_is_killed_runs_no_finally_and_starts_nothing_more() -> None:
    loop, done = loop_of(1), list[str]()

    async def live() -> None:
        try:
            await asyncio.sleep(2)
        finally:
            done.append("finally")

    async def world() -> None:
        loop.spawn("somebody", live())
        await asyncio.sleep(1)
        loop.kill("somebody")
        await asyncio.sleep(5)

    loop.run(world())
    assert done == []
    loop.close()


def test_who_is_frozen_goes_on_where_it_stood() -> None:
    loop, ticks = loop_of(1), list[float]()

    async def tick() -> None:
        while True:
            await asyncio.sleep(1)
            ticks.append(loop.time())

    async def world() -> None:
        loop.spawn("somebody", tick())
        await asyncio.sleep(1.5)
        loop.freeze("somebody")
        await asyncio.sleep(5)
        loop.thaw("somebody")
        await asyncio.sleep(0.1)

    loop.run(world())
    assert ticks == [1, 6.5]
    loop.close()


def test_waiting_for_what_never_comes_is_said() -> None:
    loop = loop_of(1)

    async def wait() -> None:
        await loop.create_future()

    with pytest.raises(Stuck):
        loop.run(wait())
    loop.close()


def test_what_a_callback_raises_is_a_finding() -> None:
    loop = loop_of(1)

    async def world() -> None:
        loop.call_soon(int, "no number")
        await asyncio.sleep(1)

    loop.run(world())
    assert len(loop.failures) == 1
    assert "ValueError" in loop.failures[0]
