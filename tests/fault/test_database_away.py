"""Without its database every service says so at once, and loses nothing that it answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from rjhub.client import Client
from rjhub.organisations import POLICE
from tests.support_activities import FACILITATOR
from tests.support_casework import REFERRAL, TOLD, Case
from tests.support_load import casework
from tests.support_service import site
from tests.support_whole import ENDS, How, Whole, is_not_now, timed, whole

pytestmark = pytest.mark.timeout(300)  # under 30 s each on two cores that nobody else uses

SOON = 20.0


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    with site(tmp_path_factory.mktemp("away") / "hub", "mongod", "broker") as place:
        async with whole(place) as found:
            yield found


async def asked_of_everyone(hub: Whole, case: Case) -> list[httpx.Response]:
    """A command, or a question, to each of the services; each is answered soon."""
    informed = TOLD | {"participant_id": case.people["victim"]}
    hired = {"facilitator_id": FACILITATOR, "affiliation": "partner"}
    async with httpx.AsyncClient(timeout=SOON) as http:
        once = Client(hub.place.file, http)
        calls = [
            once.tell("referral", "/cases", REFERRAL, role="officer", org=POLICE),
            once.tell("consent", f"/cases/{case.id}/information", informed),
            once.tell("facilitation", "/facilitators", hired, role="provider_manager"),
            once.ask("reporting", f"/cases/{case.id}"),
        ]
        return await asyncio.gather(*calls)


@pytest.mark.parametrize("how", ENDS)
async def test_without_a_database_every_service_answers_503_and_nothing_is_lost(
    hub: Whole, how: How
) -> None:
    case = await hub.desk.refer()
    await case.accept()
    async with casework(hub.desk):
        await hub.desk.more(10)
        hub.breaks("mongod", how)
        with timed(f"every service has said so of a database that {how}"):
            answers = await asked_of_everyone(hub, case)
        assert [is_not_now(one) for one in answers] == [True] * 4, [one.text for one in answers]
        for one in hub.services.values():
            assert (await one.health("live")).is_success
        await hub.mends("mongod", how)
        with timed(f"commands are answered again after a database that {how}"):
            await hub.desk.more(1)
        await hub.desk.more(20)
    with timed("all is published and folded after that"):
        await hub.is_sound()
    await hub.ready()
