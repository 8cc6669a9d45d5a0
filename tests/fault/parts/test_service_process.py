"""A service as a process: it starts over whatever is missing, outlives it, and ends in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from kernel import tls
from kernel.consume.positions import Feed
from kernel.process.react import projection
from rjhub.child import answers
from rjhub.hubfile import HubFile
from services.referral.app import SERVICE
from tests import support_kafka
from tests.fault.parts import cancellable
from tests.support import eventually
from tests.support_casework import SCREENING, Desk
from tests.support_checker import Checker
from tests.support_load import Steadfast
from tests.support_service import Process, Site, away, refused, site

pytestmark = pytest.mark.timeout(180)  # a few seconds each on two cores that nobody else uses


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("process") / "hub", "mongod", "broker") as found:
        yield found


@pytest.fixture(scope="module")
async def desk(place: Site) -> AsyncIterator[Steadfast]:
    """Keeps the answers of all tests here, so that each checks all that was ever promised."""
    desk = Steadfast(place.file)
    yield desk
    await desk.http.aclose()


@pytest.fixture(scope="module")
async def referral(place: Site) -> Process:
    """Its leases are long: only what is handed over can be taken soon."""
    one = place.start("referral", lease_seconds=60, session_timeout_ms=4000)
    await one.ready()
    return one


async def is_sound(place: Site, desk: Steadfast, within: float = 30) -> None:
    """What was answered is in the store and, once and in order, on the log."""
    checker = Checker(place.file.mongo, place.file.kafka, desk.answers)
    await eventually(checker.is_sound, within, every=0.1)


async def members(place: Site) -> int:
    """How many processes of referral share its policies' work."""
    group = Feed(SERVICE.name, tuple(projection(one).view for one in SERVICE.policies)).group
    return len(await support_kafka.members(place.file.kafka, group))


async def test_it_waits_for_its_database_and_then_works_by_itself(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with site(tmp_path_factory.mktemp("early") / "hub", "broker") as place:
        early, unneeded = place.start("referral"), place.replica("referral")
        await early.live()
        assert "store" in await early.wrong()
        async with httpx.AsyncClient() as http:
            desk = Desk(place.file, http)
            answer = await desk.tell("referral", f"/cases/{uuid4()}/screening", SCREENING)
            assert refused(answer), answer.text
            await unneeded.live()
            unneeded.running.signal(signal.SIGTERM)
            place.begin("mongod")
            await early.ready()
            await desk.refer()
        assert await unneeded.ended() == 0


class Counting(httpx.AsyncHTTPTransport):
    """Knows how many requests have left."""

    def __init__(self) -> None:
        super().__init__(limits=httpx.Limits(max_connections=None))
        self.sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async def trace(event: str, _: object) -> None:
            self.sent += event == "http11.send_request_body.complete"

        request.extensions["trace"] = trace
        return await super().handle_async_request(request)


def calling(file: HubFile, transport: Counting) -> Desk:
    return Desk(file, httpx.AsyncClient(transport=transport, timeout=30))


async def test_told_to_stop_it_answers_the_calls_under_way_and_hands_over_its_work(
    place: Site, referral: Process, desk: Steadfast
) -> None:
    leaving = place.replica("referral", lease_seconds=60, session_timeout_ms=4000)
    await leaving.ready()
    await eventually(lambda: shares(place, leaving), 20)
    transport, mongod = Counting(), place.running["mongod"]
    caller = calling(place.file_with(referral=leaving), transport)
    mongod.signal(signal.SIGSTOP)
    calls = [asyncio.create_task(caller.refer()) for _ in range(20)]
    await eventually(lambda: transport.sent == len(calls))
    await leaving.health("live")
    leaving.running.signal(signal.SIGTERM)
    await eventually(lambda: not answers(httpx.URL(leaving.url).port or 0))
    mongod.signal(signal.SIGCONT)
    cases = await asyncio.gather(*calls)
    assert await leaving.ended() == 0, leaving.said
    assert await members(place) == 1, leaving.said
    for case in cases:
        await desk.tell("referral", f"/cases/{case.id}/screening", SCREENING)
    await is_sound(place, desk, within=15)
    await caller.http.aclose()


async def shares(place: Site, process: Process) -> bool:
    """Whether it is one of two that read the log; one that is still joining goes without a word."""
    headers = place.file.headers("operations")
    async with httpx.AsyncClient(verify=tls.may_be_spoken([process.url])) as http:
        status = await http.get(f"{process.url}/status", headers=headers)
    reading = status.json()["reading"]
    return 0 < reading["partitions"] < reading["of"] and await members(place) == 2


async def test_told_to_stop_while_the_broker_hangs_it_ends_all_the_same(place: Site) -> None:
    """Nothing of what it would hand over can be handed over, within the ten seconds that it has."""
    leaving, broker = place.replica("referral"), place.running["broker"]
    await leaving.ready()
    broker.signal(signal.SIGSTOP)
    try:
        leaving.running.signal(signal.SIGTERM)
        assert await leaving.ended(within=10) == 0, leaving.said
    finally:
        broker.signal(signal.SIGCONT)


async def test_while_the_database_is_away_commands_wait_and_none_is_lost(
    place: Site, referral: Process, desk: Steadfast
) -> None:
    case, key = await desk.refer(), uuid4()
    path = f"/cases/{case.id}/screening"
    with away(place, "mongod"):
        once = Desk(desk.file, desk.http)
        answer, reasons = await asyncio.gather(
            once.tell("referral", path, SCREENING, key=key), referral.wrong()
        )
        assert refused(answer), answer.text
        assert "store" in reasons
        assert (await referral.health("live")).is_success
    await desk.tell("referral", path, SCREENING, key=key)
    await referral.ready()
    await is_sound(place, desk)


async def test_while_the_broker_is_away_commands_are_accepted_and_published_in_order_later(
    place: Site, referral: Process, desk: Steadfast
) -> None:
    before = await desk.refer()
    with away(place, "broker"):
        unanswered = desk.unanswered
        for case in (before, await desk.refer()):
            await case.accept()
        assert desk.unanswered == unanswered
        assert "topics" in await referral.wrong()
    await is_sound(place, desk)
    await referral.ready()


async def test_a_service_whose_consuming_task_was_cancelled_is_unready_until_it_has_another(
    tmp_path: Path,
) -> None:
    with site(tmp_path / "hub", "mongod", "broker") as place:
        reporting = place.release("reporting", cancellable.__name__)
        await reporting.ready()
        place.running["broker"].signal(signal.SIGSTOP)  # no other can join in its place meanwhile
        reporting.running.signal(signal.SIGUSR1)

        async def noticed() -> bool:
            return (await reporting.wrong()).get("consumer") == "does not poll the log"

        await eventually(noticed)
        place.running["broker"].signal(signal.SIGCONT)
        await reporting.ready()
