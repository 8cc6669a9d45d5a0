"""A published quarter is played by `rjhub demo` while replicas come, share the work, end and go."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from rjhub.addresses import SERVICES
from rjhub.demo.figures import PUBLISHED
from tests.compose.stack import MANY, REPLICAS, Json, Stack, assert_sound, rjhub, run
from tests.support import eventually
from tests.support_quarter import Witness

pytestmark = pytest.mark.timeout(600)

CALLS = 10
CLEANLY = 0


@dataclass(frozen=True)
class Demo:
    """The command as operations staff run it; what it says is read meanwhile."""

    process: asyncio.subprocess.Process
    said: asyncio.Task[tuple[bytes, bytes]]


@pytest.fixture(scope="module")
async def demo(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """Plays on; the hub was scaled up after it began."""
    folder = tmp_path_factory.mktemp("demo")
    argv = ("-m", "rjhub", "demo", "--against", stack.address, "--dir", str(folder))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, stdout=pipe, stderr=pipe)
    demo = Demo(process, asyncio.create_task(process.communicate()))
    try:
        await asyncio.to_thread(stack.up, "--no-recreate", *MANY)
        yield demo
    finally:
        if process.returncode is None:
            process.kill()
        await demo.said


@pytest.mark.parametrize("name", REPLICAS)
async def test_every_replica_has_its_share(stack: Stack, demo: Demo, name: str) -> None:
    each = await eventually(lambda: asyncio.to_thread(shared, stack, name), 60, every=1)
    assert sum(one["reading"]["partitions"] for one in each) == each[0]["reading"]["of"]


def shared(stack: Stack, name: str) -> list[Json]:
    """What each replica says, once all have something to do; reporting has nothing to send.

    Well or not: each time the development clock is moved by a day, events are a day behind.
    """
    said = rjhub("status", "--json", "--against", stack.address).stdout
    each: list[Json] = json.loads(said)["services"][name]["each"]
    assert len(each) == REPLICAS[name]
    assert all(one["reading"]["partitions"] for one in each)
    if name != "reporting":
        assert all(one["sending"]["lanes"] for one in each)
    return each


@pytest.mark.parametrize("name", REPLICAS)
async def test_every_replica_answers_at_the_gateway(
    stack: Stack, witness: Witness, demo: Demo, name: str
) -> None:
    replicas = {one[:12] for one in stack.containers(name)}
    assert len(replicas) == REPLICAS[name]

    async def heard() -> bool:
        answers = [await witness.ask(name, "/status", role="operations") for _ in range(CALLS)]
        return {one.json()["replica"].partition("/")[0] for one in answers} == replicas

    await eventually(heard, 30)


async def test_the_quarter_ends_as_published_though_every_replica_was_restarted(
    stack: Stack, witness: Witness, demo: Demo
) -> None:
    for place in range(max(REPLICAS.values())):
        await asyncio.to_thread(restart_one_of_each, stack, place)
    assert demo.process.returncode is None
    await asyncio.to_thread(stack.up, "--no-recreate")
    assert [len(stack.containers(name)) for name in SERVICES] == [1, 1, 1, 1]
    said, wrong = (one.decode() for one in await demo.said)
    assert await demo.process.wait() == 0, said + wrong
    for name, published in PUBLISHED.items():
        told = rf"│ {name.replace('_', ' ')} +│.* {published}( %)? +│ {published}\b"
        assert re.search(told, said), said
    await assert_sound(stack, witness)


def restart_one_of_each(stack: Stack, place: int) -> None:
    """One replica of each service that has so many, each of which ends by itself when told to."""
    replicas = [stack.containers(name)[place : place + 1] for name in SERVICES]
    these = [one for some in replicas for one in some]
    run("docker", "stop", "-t", "15", *these)
    assert {stack.inspect(one)["State"]["ExitCode"] for one in these} == {CLEANLY}
    stack.up("--no-recreate", *MANY)
