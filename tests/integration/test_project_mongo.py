"""Documents, queue and positions in a real MongoDB, with motor and with PyMongo's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import get_args

import pytest

from kernel.consume.positions import MongoPositions
from kernel.project.mongo import MongoDocuments
from kernel.project.mongo_queue import MongoQueue
from kernel.project.motor import Driver, ReadModels
from kernel.store.port import StoreUnavailable
from rjhub.child import free_port
from tests.adapters.documents_suite import DocumentsSuite
from tests.adapters.positions_suite import PositionsSuite
from tests.adapters.queue_suite import QueueSuite
from tests.support_folds import ALICE


@pytest.fixture(params=get_args(Driver))
def driver(request: pytest.FixtureRequest) -> Driver:
    chosen: Driver = request.param
    return chosen


@pytest.fixture
async def models(mongo_url: str, database: str, driver: Driver) -> AsyncIterator[ReadModels]:
    found = ReadModels(mongo_url, database, driver)
    yield found
    await found.close()


class TestMongoDocuments(DocumentsSuite):
    @pytest.fixture
    def documents(self, models: ReadModels) -> MongoDocuments:
        return MongoDocuments(models.database)


class TestMongoQueue(QueueSuite):
    @pytest.fixture
    async def queue(self, models: ReadModels) -> MongoQueue:
        found = MongoQueue(models.database)
        await found.prepare()
        return found


class TestMongoPositions(PositionsSuite):
    @pytest.fixture
    def positions(self, models: ReadModels) -> MongoPositions:
        return MongoPositions(models.database)


async def test_an_unreachable_database_is_unavailable(driver: Driver) -> None:
    url = f"mongodb://127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=50"
    models = ReadModels(url, "nowhere", driver)
    with pytest.raises(StoreUnavailable):
        await MongoDocuments(models.database, seconds=0.2).get("walk__1", ALICE)
    await models.close()


async def test_read_models_write_and_read_by_majority(models: ReadModels) -> None:
    """Whatever the address says: asserted on what the driver would send."""
    database = models.database
    assert database.write_concern.document == {"w": "majority", "j": True}
    assert database.read_concern.level == "majority"
