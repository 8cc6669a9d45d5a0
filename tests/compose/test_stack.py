"""The compose file as operations teams use it: up, played on, upgraded, broken."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import httpx
import pytest

from rjhub.addresses import SERVICES
from rjhub.demo.quarter import small_quarter
from services.reporting.projections.timeline.project import TIMELINE
from tests.compose.stack import LATER, MANY, ROOT, Stack, assert_sound, killed, rjhub, run
from tests.fault import next_release
from tests.support import eventually
from tests.support_quarter import Witness, not_as_planned, played

pytestmark = pytest.mark.timeout(900)

PLAN = small_quarter(8)
MOST_ADDED = 150_000_000
MOST_LOOKS = 100
THE_ID_OF_ALL = "5L6g3nShT-eMCtK--X86sw"  # what the broker's image gives to every cluster


async def goes_on(witness: Witness, *changes: Callable[[], object]) -> None:
    """Small quarters come to their planned end, one after the other, until all this was done."""

    async def change() -> None:
        for one in changes:
            await asyncio.to_thread(one)

    changing = asyncio.create_task(change())
    while not changing.done():
        play = await played(witness, PLAN)

        async def as_planned() -> bool:
            assert await not_as_planned(witness, play) == []  # noqa: B023  awaited in its turn
            return True

        await eventually(as_planned, 30, every=1)
    await changing


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_nobody_and_writes_nothing(stack: Stack, name: str) -> None:
    found = stack.inspect(stack.containers(name)[0])
    assert found["Config"]["User"] == "10001:10001"
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert found["State"]["Health"]["Status"] == "healthy"


def test_the_image_adds_little_to_its_base(stack: Stack) -> None:
    image = stack.inspect(stack.containers("referral")[0])["Image"]
    history = run("docker", "history", "--human=false", "--format", "{{.Size}}", image)
    steps = (ROOT / "deploy" / "Dockerfile").read_text().rpartition("\nFROM ")[2].splitlines()[1:]
    assert sum(int(one) for one in history.split()[: len(steps)]) < MOST_ADDED


def test_the_log_has_an_id_by_which_it_is_told_from_another(stack: Stack) -> None:
    made = stack.compose("exec", "-T", "kafka", "cat", "/var/lib/kafka/data/meta.properties")
    assert re.search(r"^cluster\.id=\S{22}$", made, re.MULTILINE)
    assert THE_ID_OF_ALL not in made


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


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_body_that_is_too_large_is_no_call_to_be_repeated(stack: Stack, size: int) -> None:
    """Whether a service says so or, of what is larger still, the gateway."""
    answer = httpx.post(f"{stack.address}/referral/cases", content=b" " * size)
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Retry-After" not in answer.headers


async def test_quarters_go_on_while_a_read_model_is_made_anew_and_while_reporting_is_upgraded(
    stack: Stack, witness: Witness
) -> None:
    """As docs/operations.md tells it: new containers beside the old ones, then those end."""
    later = replace(stack, files=(*stack.files, LATER))
    (old,) = stack.containers("reporting")
    await goes_on(
        witness,
        lambda: stack.up("--no-recreate", "--scale", "reporting=2"),
        lambda: made_anew(stack, "milestones"),
        lambda: later.up("--no-recreate", "--scale", "reporting=3"),
        lambda: answers(stack, next_release.LATER.view),
        lambda: later.up("--scale", "reporting=2"),
    )
    assert old not in stack.containers("reporting")
    await assert_sound(stack, witness)
    await goes_on(witness, stack.up, lambda: answers(stack, TIMELINE.view))
    await assert_sound(stack, witness)


def made_anew(stack: Stack, read_model: str) -> None:
    """Every document is the same, whichever replica is asked how it goes."""
    done = rjhub("rebuild", read_model, "--against", stack.address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f"{read_model}__1_2 answers\n")


def answers(stack: Stack, view: str) -> None:
    """Wait until a view has gone live."""
    views: list[str] = []
    for _ in range(MOST_LOOKS):
        listed = rjhub("rebuild", "--json", "--against", stack.address)
        assert listed.returncode == 0, listed.stderr
        views = [one["answers"] for one in json.loads(listed.stdout)]
        if view in views:
            return
    raise AssertionError(f"{view} does not answer: {views}")


async def test_quarters_go_on_after_a_service_the_broker_and_the_database_were_killed(
    stack: Stack, witness: Witness
) -> None:
    """Each comes back by itself."""
    kills = [partial(killed, stack, name) for name in ("consent", "kafka", "mongo", "gateway")]
    await goes_on(witness, lambda: stack.up("--no-recreate", *MANY), *kills)
    await assert_sound(stack, witness)
