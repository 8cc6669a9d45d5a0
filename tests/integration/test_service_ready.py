"""When a service is not ready, it says what does not work, and becomes ready by itself."""

from __future__ import annotations

from pathlib import Path

from contracts.envelope import Topic
from tests.engines import chosen
from tests.engines.kafka import with_topics
from tests.support import eventually
from tests.support_service import site


async def test_a_service_names_the_topics_that_are_missing_until_they_are_made(
    tmp_path: Path,
) -> None:
    with site(tmp_path / "hub", "mongod") as place:
        broker = chosen.start(place.plan.broker)
        place.running["broker"] = broker
        early = place.start("referral")
        await early.live()
        missing = f"{', '.join(Topic.ALL)} do not exist; create them"

        async def named() -> bool:
            return (await early.wrong()).get("topics") == missing

        await eventually(named, 30)
        with_topics(broker.url)
        await early.ready()


async def test_a_service_that_says_that_it_is_ready_does_not_take_it_back(tmp_path: Path) -> None:
    with site(tmp_path / "hub", "mongod", "broker") as place:
        started = place.start("facilitation")
        await started.ready()
        taken_back: list[dict[str, str]] = []

        async def reads_the_log() -> bool:
            taken_back.append(await started.wrong())
            return "rjhub_consumer_lag_events" in await started.metrics()

        await eventually(reads_the_log, 30, every=0)
        assert not any(taken_back)
