"""A record that nobody can read stops one case only, and one command puts it right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from contracts.envelope import Envelope, Topic, lane_of
from tests.support import eventually
from tests.support_casework import Case, Desk
from tests.support_hub import Hub


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


def rjhub(hub: Hub, *words: str) -> str:
    argv = [sys.executable, "-m", "rjhub", *words, "--dir", str(hub.folder)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def first_of(hub: Hub, case: Case) -> Envelope:
    where = TopicPartition(Topic.CASE, lane_of(UUID(case.id)))
    consumer = KafkaConsumer(bootstrap_servers=hub.file.kafka, consumer_timeout_ms=5000)
    consumer.assign([where])
    consumer.seek(where, 0)
    try:
        found = (Envelope.from_headers(one.headers) for one in consumer)
        return next(one for one in found if str(one.subject) == case.id)
    finally:
        consumer.close()


def publish_what_nobody_knows(hub: Hub, case: Case) -> str:
    """A second event of a stream of its own, as a newer producer might send it."""
    stream = f"novelty-{case.id}"
    novelty = replace(
        first_of(hub, case), id=uuid4(), stream=stream, version=1, type="rj.SomethingNew.v9"
    )
    producer = KafkaProducer(bootstrap_servers=hub.file.kafka, enable_idempotence=False)
    partition = lane_of(novelty.subject)
    producer.send(
        Topic.CASE,
        key=case.id.encode(),
        value=b"{}",
        headers=novelty.headers(),
        partition=partition,
    ).get(10)
    producer.close()
    return f"{stream}@1"


def views_in_which(hub: Hub, novelty: str) -> list[str]:
    """The views of which this waits."""
    waiting = json.loads(rjhub(hub, "parked", "--json"))
    return [one["view"] for one in waiting if one["position"] == novelty]


async def test_what_nobody_can_read_parks_one_case_until_it_is_dropped(
    hub: Hub, desk: Desk
) -> None:
    case, other = await desk.refer(), await desk.refer()
    await case.ask()
    novelty = publish_what_nobody_knows(hub, case)
    await eventually(lambda: novelty in rjhub(hub, "parked", "--json"), 20)

    await case.accept()
    stands_still = await desk.ask("reporting", f"/cases/{case.id}", after=case.at)
    await other.accept()
    assert stands_still.status_code == 409
    assert (await other.ask())["status"] == "accepted"

    for view in views_in_which(hub, novelty):
        rjhub(hub, "parked", "drop", "reporting", view, case.id, novelty, "--reason", "malformed")
    assert (await case.ask())["status"] == "accepted"
