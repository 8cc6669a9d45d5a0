"""A log is lost under the services' feet, and another takes its place: it gets all of it again."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from pymongo import MongoClient

from contracts.envelope import Topic
from rjhub.topics import delete_topics
from tests.engines import chosen
from tests.engines.kafka import with_topics
from tests.support import eventually
from tests.support_checker import MODELS, answering, records
from tests.support_load import casework
from tests.support_service import Process, Site, site
from tests.support_whole import Whole, timed, whole

pytestmark = pytest.mark.timeout(300)  # under 40 s each on two cores that nobody else uses

Json = dict[str, Any]
Lose = Callable[[Site], None]


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    with site(tmp_path_factory.mktemp("anew") / "hub", "mongod", "broker") as place:
        async with whole(place) as found:
            yield found


def make_topic_anew(place: Site) -> None:
    """The cases' topic under its old name, empty, and with another id."""
    with KafkaAdminClient(bootstrap_servers=place.file.kafka) as admin:
        delete_topics(admin, [Topic.CASE])
    with_topics(place.file.kafka)


def lose_broker(place: Site) -> None:
    """Another one at its address, with topics of the same names: another cluster, and empty."""
    place.running["broker"].kill()
    place.running["broker"] = chosen.start_broker(place.plan.ports["broker"])
    with_topics(place.file.kafka)


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


def places(mongo: str) -> dict[int, Json]:
    """Where reporting has got to in each partition of the cases' topic."""
    with MongoClient[Json](mongo) as client:
        found = client[MODELS].positions.find({"partition": re.compile(f"^{Topic.CASE}/")})
        return {int(one["partition"].rpartition("/")[2]): one for one in found}


def has_read_anew(hub: Whole, before: set[str]) -> bool:
    """Whether it stands at the end of every partition, and on none of the logs from before."""
    cases = (one for one in records(hub.kafka) if one.topic == Topic.CASE)
    ends = {one.partition: (one.offset, dict(one.headers)["ce_id"].decode()) for one in cases}
    there = places(hub.mongo)
    assert {one: (at["offset"], at["event"]) for one, at in there.items()} == ends
    assert before.isdisjoint(at["log"] for at in there.values())
    return True


def published_again(services: dict[str, Process]) -> Counter[str]:
    """How often the relays of each service have said so."""
    said = re.compile("(another log|the log lost its end): publishing again")
    return Counter({name: len(said.findall(one.said)) for name, one in services.items()})


def logs_lost(mongo: str, lose: Lose) -> set[str]:
    """The logs that are lost then, as far as anybody can tell them from those that come."""
    if lose is make_topic_anew and chosen.EMBEDDED:  # it knows no topic by its id
        return set()
    return {one["log"] for one in places(mongo).values()}


async def is_filled_again(hub: Whole, lose: Lose) -> None:
    """Whatever was folded before is folded again, and changes nothing."""
    async with casework(hub.desk):
        await hub.desk.more(40)
    await hub.is_sound()
    before, counted = models(hub.mongo), await figures(hub)
    published, logs = published_again(hub.services), logs_lost(hub.mongo, lose)
    assert all(before.values())
    await asyncio.to_thread(lose, hub.place)
    with timed(f"all is published and folded again after {lose.__name__}"):
        await hub.is_sound()
        await eventually(lambda: has_read_anew(hub, logs), 30, every=0.2)
    again = published_again(hub.services) - published
    assert set(again) == {"referral", "consent", "facilitation"}
    assert models(hub.mongo) == before
    assert (await figures(hub))["figures"] == counted["figures"]


async def is_filled_under_load(hub: Whole, lose: Lose) -> None:
    """Its new log is soon longer than the old one was where a consumer stood in it.

    What was under way to the old one must not begin the new one.
    """
    async with casework(hub.desk):
        await hub.desk.more(20)
        await asyncio.to_thread(lose, hub.place)
        await hub.desk.more(40)
    await hub.is_sound()
    await hub.ready()


async def test_a_topic_made_anew_is_filled_again_and_no_figure_changes(hub: Whole) -> None:
    await is_filled_again(hub, make_topic_anew)


@pytest.mark.skipif(chosen.EMBEDDED, reason="the embedded broker knows no topic by its id")
async def test_a_topic_made_anew_under_load_loses_and_doubles_nothing(hub: Whole) -> None:
    await is_filled_under_load(hub, make_topic_anew)


async def test_a_broker_that_comes_back_empty_is_filled_again_and_no_figure_changes(
    hub: Whole,
) -> None:
    await is_filled_again(hub, lose_broker)


async def test_a_broker_that_comes_back_empty_under_load_loses_and_doubles_nothing(
    hub: Whole,
) -> None:
    await is_filled_under_load(hub, lose_broker)
