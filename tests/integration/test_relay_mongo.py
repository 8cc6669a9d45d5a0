"""Outbox and leases in a real MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from contracts.envelope import PARTITIONS, Topic
from kernel.log import Partition
from kernel.mongo import Client, connect
from kernel.relay.mongo_leases import LEASES, MongoLeases
from kernel.relay.mongo_marks import RESTORED
from kernel.relay.mongo_outbox import PAGE_BYTES, MongoOutbox
from kernel.relay.port import LeaseLost
from kernel.store.documents import COLLECTION
from kernel.store.mongo import MongoCommits
from kernel.store.port import Commit
from rjhub.child import free_port
from tests.adapters.outbox_suite import HERE, MARK, Base, LeasesSuite, OutboxSuite, lease_on
from tests.support_relay import case_in, commit

CASE = case_in(3)


class MongoBase(Base):
    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], away: AsyncDatabase[dict[str, Any]]
    ) -> None:
        self.database = database
        self.commits = MongoCommits(database)
        self.outbox: MongoOutbox = MongoOutbox(database)
        self.outbox_away, self.leases_away = MongoOutbox(away), MongoLeases(away, "one")

    async def add(self, *commits: Commit) -> None:
        await self.commits.insert(commits)

    async def restore(self, *, whole: bool) -> None:
        await self.database[RESTORED].replace_one({}, {"whole": whole}, upsert=True)

    def leases(self, holder: str) -> MongoLeases:
        return MongoLeases(self.database, holder)

    async def run_out(self, *lanes: int) -> None:
        await self.database[LEASES].update_many(
            {"_id": {"$in": lanes}}, [{"$set": {"until": "$$NOW"}}]
        )

    async def silence(self, holder: str) -> None:
        await self.database[LEASES].update_one(
            {"_id": f"replica {holder}"}, [{"$set": {"until": "$$NOW"}}]
        )


@pytest.fixture
async def base(mongo_url: str, database: str) -> AsyncIterator[MongoBase]:
    client, nobody = connect(mongo_url), _connect_to_nobody()
    base = MongoBase(client[database], nobody[database])
    await base.commits.ensure_indexes()
    yield base
    await base.outbox.close()
    await client.close()
    await nobody.close()


class TestMongoOutbox(OutboxSuite):
    pass


class TestMongoLeases(LeasesSuite):
    pass


async def test_pending_commits_are_found_by_their_index_alone(base: MongoBase) -> None:
    """Without it a page would walk the whole store in `_id` order."""
    lease = await lease_on(base)
    for version in range(1, 201):
        await base.add(commit(CASE, version))
    published = [commit(CASE, version).id for version in range(1, 200)]
    await base.outbox.settle(lease, Topic.CASE, MARK, published)
    await base.database.command("profile", 2)
    page = await base.outbox.pending(HERE, 100)
    every = [Partition(Topic.CASE, lane) for lane in range(PARTITIONS)]
    waiting = await base.outbox.waiting(every)
    backlog = await base.outbox.backlog()
    await base.database.command("profile", 0)
    assert (len(page.commits), waiting, backlog.count) == (1, {HERE}, 1)
    seen = base.database["system.profile"].find({"ns": f"{base.database.name}.{COLLECTION}"})
    examined = [one["docsExamined"] async for one in seen if "docsExamined" in one]
    assert examined
    assert max(examined) <= 1


async def test_a_page_of_large_commits_ends_early(base: MongoBase) -> None:
    large = [commit(CASE, version, data=f'"{"x" * 700_000}"') for version in range(1, 13)]
    await base.add(*large)
    page = await base.outbox.pending(HERE, 100)
    assert not page.last
    assert PAGE_BYTES // 700_000 < len(page.commits) < len(large)
    assert page.through == page.commits[-1].id
    rest = await base.outbox.pending(HERE, 100, after=page.through)
    assert [*page.commits, *rest.commits] == large


async def test_a_commit_that_cannot_be_read_back_is_told_apart(base: MongoBase) -> None:
    await base.add(commit(CASE, 1), commit(CASE, 2))
    broken = {"_id": commit(CASE, 1).id}
    await base.database[COLLECTION].update_one(broken, {"$set": {"role": "no role"}})
    page = await base.outbox.pending(HERE, 100)
    assert page.commits == [commit(CASE, 2)]
    (unreadable,) = page.unreadable
    assert (unreadable.stream, unreadable.commit) == (f"consent-{CASE}", commit(CASE, 1).id)
    assert unreadable.reason == "it cannot be read back: ValueError"


async def test_a_settle_that_meets_a_takeover_settles_or_says_so(base: MongoBase) -> None:
    await base.add(commit(CASE, 1))
    for _ in range(10):
        stale = await lease_on(base, holder="one")
        await base.outbox.claim(stale, Topic.CASE)
        await base.run_out(3)
        later = await lease_on(base, holder="two")
        settled, _ = await asyncio.gather(
            base.outbox.settle(stale, Topic.CASE, MARK, [commit(CASE, 1).id]),
            base.outbox.claim(later, Topic.CASE),
            return_exceptions=True,
        )
        pending = (await base.outbox.pending(HERE, 100)).commits
        assert bool(pending) is isinstance(settled, LeaseLost)
        await base.outbox.reopen({HERE: later})
        await base.run_out(3)


async def test_many_replicas_that_start_at_once_share_the_lanes_without_overlap(
    base: MongoBase,
) -> None:
    replicas = [base.leases(f"replica {number}") for number in range(6)]
    await asyncio.gather(*(one.beat() for one in replicas))
    await asyncio.gather(*(one.take(range(PARTITIONS)) for one in replicas))
    held = [lane for one in replicas for lane in (await one.beat()).mine]
    assert sorted(held) == list(range(PARTITIONS))


def _connect_to_nobody() -> Client:
    return AsyncMongoClient("127.0.0.1", free_port(), serverSelectionTimeoutMS=200)
