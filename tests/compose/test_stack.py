"""The compose file as operations teams use it: up, played on, scaled, restarted, broken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from rjhub.demo.quarter import small_quarter
from rjhub.plan import SERVICES
from tests.compose.stack import Stack, run
from tests.support import eventually
from tests.support_checker import Checker
from tests.support_quarter import Witness, not_as_planned, played

pytestmark = pytest.mark.timeout(900)

PLAN = small_quarter(20)
MANY = ("--scale", "consent=3", "--scale", "facilitation=2", "--scale", "reporting=2")


async def goes_on(witness: Witness, *changes: Callable[[], object]) -> None:
    """A small quarter comes to its planned end, while the hub is changed in these ways."""
    playing = asyncio.create_task(played(witness, PLAN))
    for change in changes:
        await asyncio.to_thread(change)
    play = await playing

    async def as_planned() -> bool:
        assert await not_as_planned(witness, play) == []
        return True

    await eventually(as_planned, 30, every=1)


async def assert_sound(stack: Stack, witness: Witness) -> None:
    checker = Checker(stack.mongo, stack.bootstrap, witness.answers)
    await eventually(lambda: asyncio.to_thread(checker.is_sound), 90, every=2)


def restarts(stack: Stack, *services: str) -> Callable[[], object]:
    """Every replica of these services, one after the other, each healthy before the next."""

    def restart() -> None:
        for container in (one for service in services for one in stack.containers(service)):
            run("docker", "restart", "-t", "15", container)
            stack.up("--no-recreate", *MANY)

    return restart


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_nobody_and_writes_nothing(stack: Stack, name: str) -> None:
    found = stack.inspect(stack.containers(name)[0])
    assert found["Config"]["User"] == "10001:10001"
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert found["State"]["Health"]["Status"] == "healthy"


def test_nothing_else_is_published_and_only_here(stack: Stack) -> None:
    for name in ("mongo", *SERVICES):
        for container in stack.containers(name):
            ports = stack.inspect(container)["NetworkSettings"]["Ports"] or {}
            assert not [one for one in ports.values() if one]


def test_metrics_and_what_is_no_service_are_not_shown_outside(stack: Stack) -> None:
    for path in ("/referral/metrics", "/mongo", "/"):
        answer = httpx.get(stack.address + path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            404,
            "application/problem+json",
        )


async def test_a_quarter_goes_on_while_the_hub_is_scaled_up_and_down(
    stack: Stack, witness: Witness
) -> None:
    await goes_on(witness, lambda: stack.up("--no-recreate", *MANY))
    assert len(stack.containers("consent")) == 3
    await goes_on(witness, lambda: stack.up("--no-recreate"))
    assert len(stack.containers("consent")) == 1
    await assert_sound(stack, witness)


async def test_a_quarter_goes_on_while_every_replica_is_restarted(
    stack: Stack, witness: Witness
) -> None:
    stack.up("--no-recreate", *MANY)
    await goes_on(witness, restarts(stack, *SERVICES))
    await assert_sound(stack, witness)


@pytest.mark.parametrize("name", ["kafka", "mongo", "consent"])
async def test_a_quarter_goes_on_after_something_was_killed(
    stack: Stack, witness: Witness, name: str
) -> None:
    def kill() -> None:
        stack.compose("kill", name)
        stack.up("--no-recreate", *MANY)

    await goes_on(witness, kill)
    await assert_sound(stack, witness)
