"""What a running service tells Prometheus of its work."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from kafka import KafkaProducer

from contracts.envelope import PARTITIONS, Topic
from tests.support import eventually
from tests.support_casework import SCREENING, Desk
from tests.support_service import Site, away, site


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("metrics") / "hub", "mongod", "broker") as found:
        yield found


async def screened(place: Site) -> list[int]:
    """How a referral is answered, an acceptance too soon, and a screening that is repeated."""
    async with httpx.AsyncClient() as http:
        desk, key = Desk(place.file, http), uuid4()
        case = await desk.refer()
        acceptance = await desk.tell("referral", f"/cases/{case.id}/acceptance", {"reasons": []})
        path = f"/cases/{case.id}/screening"
        once, again = [await desk.tell("referral", path, SCREENING, key=key) for _ in range(2)]
    return [one.status_code for one in (acceptance, once, again)]


async def test_metrics_tell_how_commands_went_and_what_waits_while_the_broker_is_away(
    place: Site,
) -> None:
    referral = place.start("referral")
    await referral.ready()
    with away(place, "broker"):
        assert await screened(place) == [409, 200, 200]
        told = await referral.metrics()
        assert told["rjhub_outbox_commits"][()] == 2
        assert told["rjhub_outbox_oldest_seconds"][()] > 0
        assert told["rjhub_commands_total"] == {
            ("ReferralRequest", "referral", "accepted"): 1,
            ("AcceptReferral", "referral", "refused"): 1,
            ("ScreenReferral", "referral", "accepted"): 1,
            ("ScreenReferral", "referral", "repeated"): 1,
        }
        assert told["rjhub_command_seconds_count"][("ScreenReferral", "referral")] == 2
        assert told["rjhub_http_request_seconds_count"][("POST", "/cases/{case}/screening")] == 2

    async def all_is_published() -> bool:
        told = await referral.metrics()
        return told["rjhub_outbox_commits"] == told["rjhub_outbox_oldest_seconds"] == {(): 0}

    await eventually(all_is_published, 30)


async def test_a_service_tells_how_far_each_partition_that_it_reads_is_behind(place: Site) -> None:
    reporting = place.start("reporting")
    await reporting.ready()
    level = {("reporting", str(number), Topic.CASE): 0 for number in range(PARTITIONS)}

    async def is_level() -> bool:
        told = await reporting.metrics()
        return told["rjhub_consumer_lag_events"] == told["rjhub_consumer_lag_seconds"] == level

    await eventually(is_level)


async def test_a_record_that_is_no_event_of_ours_counts_as_parked(place: Site) -> None:
    """As somebody sends it who takes the topic for another one."""
    consent = place.start("consent")
    await consent.ready()
    producer = KafkaProducer(bootstrap_servers=place.file.kafka, enable_idempotence=False)
    producer.send(Topic.CASE, value=b"hello").get(10)
    producer.close()

    async def is_told() -> bool:
        return (await consent.metrics())["rjhub_parked_events"][("consent",)] == 1

    await eventually(is_told)
    async with httpx.AsyncClient() as http:
        told = await Desk(place.file, http).ask("consent", "/status", role="operations")
    assert told.json()["parked"] == {"consent": 1}
