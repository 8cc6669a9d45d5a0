"""When a service is not ready, it says what does not work, and becomes ready by itself."""

from __future__ import annotations

from pathlib import Path

from contracts.envelope import Topic
from tests.engines import chosen
from tests.engines.kafka import with_topics
from tests.support import eventually
from tests.support_service import Process, site


async def wrong(process: Process) -> dict[str, str]:
    """What does not work, and what it says of it."""
    health = await process.health()
    if health.is_success:
        return {}
    assert health.status_code == 503
    return {one["field"]: one["right"] for one in health.json()["errors"]}


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
            return (await wrong(early)).get("topics") == missing

        await eventually(named, 30)
        with_topics(broker.url)
        await early.ready()
