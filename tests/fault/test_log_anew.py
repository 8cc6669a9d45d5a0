"""The log is lost under the services' feet, a topic or all of it: noticed, and published again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from pymongo import MongoClient

from contracts.envelope import Topic
from rjhub.topics import delete_topics
from tests.engines import chosen
from tests.engines.kafka import with_topics
from tests.support_checker import MODELS, answering
from tests.support_load import casework
from tests.support_service import Process, site
from tests.support_whole import Whole, timed, whole

pytestmark = pytest.mark.timeout(300)  # under 40 s each on two cores that nobody else uses

Json = dict[str, Any]


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    with site(tmp_path_factory.mktemp("anew") / "hub", "mongod", "broker") as place:
        async with whole(place) as found:
            yield found


def make_anew(bootstrap: str) -> None:
    """The cases' topic under its old name, empty, and with another id."""
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        delete_topics(admin, [Topic.CASE])
    with_topics(bootstrap)


def models(mongo: str) -> dict[str, list[Json]]:
    """Every document of every read model that reporting shows."""
    with MongoClient[Json](mongo) as client:
        views = sorted(answering(client).values())
        return {view: list(client[MODELS][view].find().sort("_id")) for view in views}


async def figures(hub: Whole) -> Json:
    """What reporting counts."""
    answer = await hub.desk.ask("reporting", "/figures", role="supervisor")
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


def published_again(services: dict[str, Process]) -> set[tuple[str, int]]:
    """Each time that the relay of a service has said so, by where it stands in what it said."""
    said = re.compile("another log: publishing again")
    return {
        (name, found.start()) for name, one in services.items() for found in said.finditer(one.said)
    }


async def assert_the_same_after(hub: Whole, what: str, lose: Callable[[Whole], object]) -> None:
    """Casework, then the loss: whoever told it publishes it again, and nothing is otherwise."""
    async with casework(hub.desk):
        await hub.desk.more(40)
    await hub.is_sound()
    before, counted = models(hub.mongo), await figures(hub)
    assert all(before.values())
    said = published_again(hub.services)
    await asyncio.to_thread(lose, hub)
    with timed(f"all is published and folded again after {what}"):
        await hub.is_sound()
    again = published_again(hub.services) - said
    assert {name for name, _ in again} == {"referral", "consent", "facilitation"}
    assert models(hub.mongo) == before
    assert (await figures(hub))["figures"] == counted["figures"]


async def test_a_topic_made_anew_is_filled_again_and_no_figure_changes(hub: Whole) -> None:
    await assert_the_same_after(hub, "a topic was made anew", lambda it: make_anew(it.kafka))


def come_back_empty(hub: Whole) -> None:
    """Another broker at the same address, which knows nothing of the one before."""
    hub.place.running["broker"].kill()
    hub.place.begin_empty()


async def test_a_broker_that_comes_back_empty_is_filled_again_and_no_figure_changes(
    hub: Whole,
) -> None:
    await assert_the_same_after(hub, "a broker came back empty", come_back_empty)
    async with casework(hub.desk):
        await hub.desk.more(20)
    await hub.is_sound()


@pytest.mark.skipif(chosen.EMBEDDED, reason="the embedded broker knows no topic by its id")
async def test_a_topic_made_anew_under_load_loses_and_doubles_nothing(hub: Whole) -> None:
    """Its new log is soon longer than the old one was where a consumer stood in it.

    What was under way to the old topic must not begin the new one.
    """
    async with casework(hub.desk):
        await hub.desk.more(20)
        await asyncio.to_thread(make_anew, hub.kafka)
        await hub.desk.more(40)
    await hub.is_sound()
    await hub.ready()
