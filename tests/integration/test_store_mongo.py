"""The commit store in MongoDB: the adapter suite, and what only a real database shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import ServerSelectionTimeoutError
from pymongo.monitoring import CommandListener, CommandStartedEvent

from contracts.envelope import Topic
from kernel.mongo import Client, NotDurable, assert_durable, connect
from kernel.store.gather import EventStore
from kernel.store.mongo import MongoCommits
from kernel.store.port import Commit, Duplicate, Inserted, OutcomeUnknown, StoreUnavailable
from rjhub.child import free_port
from tests.adapters.commits import CommitsSuite, a_commit, an_event

WEAK = "&w=1&journal=false&readConcernLevel=local&retryWrites=false&readPreference=secondary"


@pytest.fixture
async def client(mongo_url: str) -> AsyncIterator[Client]:
    async with connect(mongo_url) as client:
        yield client


@pytest.fixture
async def commits(client: Client, database: str) -> MongoCommits:
    commits = MongoCommits(client[database])
    await commits.ensure_indexes()
    return commits


class TestMongo(CommitsSuite):
    async def make_refusable(self, commits: MongoCommits) -> Commit:
        validator = {"request_hash": {"$ne": "refused"}}
        await commits._commits.database.command("collMod", "commits", validator=validator)
        return a_commit(request_hash="refused")


async def test_what_cannot_be_encoded_keeps_none_of_its_neighbours_out(
    commits: MongoCommits,
) -> None:
    good, bad = a_commit(), a_commit(events=(an_event("\ud800"),))
    refused, inserted = await commits.insert([bad, good])
    assert "UnicodeEncodeError" in str(refused)
    assert inserted == Inserted()
    assert await commits.load(good.stream) == [good]


async def test_the_relay_finds_pending_commits_by_lane_in_an_index(
    commits: MongoCommits, client: Client, database: str
) -> None:
    pending = [a_commit() for _ in range(40)]
    await commits.insert([*pending, a_commit(topic=Topic.PRIVATE)])
    found = client[database]["commits"].find({"lane": 3, "pending": True}).sort("_id")
    assert [one["_id"] for one in await found.to_list()] == sorted(
        one.id for one in pending if one.lane == 3
    )
    plan = (await (await found.rewind()).explain())["queryPlanner"]["winningPlan"]
    assert plan["stage"] == "FETCH"
    assert plan["inputStage"]["indexName"] == "pending_by_lane"


async def test_a_stream_is_read_through_the_ids_alone(
    commits: MongoCommits, client: Client, database: str
) -> None:
    await commits.insert([commit := a_commit()])
    heard = Heard()
    async with connect_listening(client, heard) as listening:
        await MongoCommits(listening[database]).load(commit.stream)
    sent = heard.commands["find"]
    found = client[database]["commits"].find(sent["filter"]).sort(dict(sent["sort"]))
    plan = await found.explain()
    assert "SORT" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] == 1


async def test_indexes_may_be_made_again(commits: MongoCommits) -> None:
    await commits.ensure_indexes()


async def test_what_no_majority_confirmed_is_unknown_for_all_and_found_by_a_repeat(
    commits: MongoCommits,
) -> None:
    strict = commits._commits
    taken, fresh = a_commit(), a_commit()
    await commits.insert([taken])
    commits._commits = strict.with_options(write_concern=WriteConcern(w=2, wtimeout=50))
    with pytest.raises(OutcomeUnknown):
        await commits.insert([taken, fresh])
    commits._commits = strict
    assert await commits.insert([taken, fresh]) == [Duplicate(), Duplicate()]
    assert await commits.holders(fresh) == [fresh]


async def test_a_database_that_is_away_is_said_in_time() -> None:
    async with connect(f"mongodb://127.0.0.1:{free_port()}") as away:
        commits = MongoCommits(away["any"], seconds=0.2)
        with pytest.raises(OutcomeUnknown):
            await commits.insert([a_commit()])
        for read in (commits.load("tally-x"), commits.holders(a_commit())):
            with pytest.raises(StoreUnavailable):
                await read
        with pytest.raises(StoreUnavailable):
            await commits.ensure_indexes()


async def test_sixty_four_streams_share_writes(commits: MongoCommits) -> None:
    batches: list[int] = []

    class Watched(MongoCommits):
        async def insert(self, batch: Any) -> Any:
            batches.append(len(batch))
            return await commits.insert(batch)

    store = EventStore(Watched(commits._commits.database))
    written = [a_commit() for _ in range(64)]
    assert await asyncio.gather(*map(store.append, written)) == written
    assert sum(batches) == 64
    assert len(batches) < 8


class Heard(CommandListener):
    """The commands that a client sent, by name; the last of each."""

    def __init__(self) -> None:
        self.commands: dict[str, Any] = {}

    def started(self, event: CommandStartedEvent) -> None:
        self.commands[event.command_name] = event.command

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


def connect_listening(client: Client, listener: CommandListener) -> Client:
    """A client as `connect` makes it, overheard."""
    host, port = next(iter(client.nodes))
    return connect(f"mongodb://{host}:{port}/?replicaSet=rs0{WEAK}", event_listeners=[listener])


async def test_the_concerns_that_the_server_hears_are_the_strong_ones(
    client: Client, database: str
) -> None:
    await assert_durable(client)
    heard = Heard()
    async with connect_listening(client, heard) as listening:
        await listening[database]["any"].insert_one({"_id": 1})
        await listening[database]["any"].find_one({"_id": 1})
    assert heard.commands["insert"]["writeConcern"] == {"w": "majority", "j": True}
    assert "txnNumber" in heard.commands["insert"]
    assert heard.commands["find"]["readConcern"]["level"] == "majority"


async def test_an_address_cannot_weaken_the_concerns(mongo_url: str) -> None:
    async with connect(mongo_url + WEAK) as client:
        await assert_durable(client)
        assert client.read_preference == ReadPreference.PRIMARY


@pytest.mark.parametrize(
    "weakness",
    [
        {"w": 1},
        {"journal": False},
        {"readConcernLevel": "local"},
        {"retryWrites": False},
        {"readPreference": "secondary"},
    ],
)
async def test_a_client_made_weaker_is_not_durable(
    mongo_url: str, weakness: dict[str, Any]
) -> None:
    async with connect(mongo_url, **weakness) as client:
        with pytest.raises(NotDurable):
            await assert_durable(client)


async def test_a_database_away_at_start_is_the_drivers_own_error() -> None:
    url = f"mongodb://127.0.0.1:{free_port()}"
    async with connect(url, serverSelectionTimeoutMS=100) as away:
        with pytest.raises(ServerSelectionTimeoutError):
            await assert_durable(away)
