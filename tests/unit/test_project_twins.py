"""In-memory twins pass what the database passes, and fail on demand."""

from __future__ import annotations

import pytest

from kernel.consume.positions import MemoryPositions
from kernel.project.memory import MemoryDocuments, MemoryQueue
from kernel.project.port import Lost
from kernel.project.twin import DataFault, scripted
from kernel.store.port import StoreUnavailable
from tests.adapters.documents_suite import VIEW, DocumentsSuite, document
from tests.adapters.positions_suite import PositionsSuite
from tests.adapters.queue_suite import QueueSuite, entry
from tests.support_folds import ALICE, BOB


class TestMemoryDocuments(DocumentsSuite):
    @pytest.fixture
    def documents(self) -> MemoryDocuments:
        return MemoryDocuments()


class TestMemoryQueue(QueueSuite):
    @pytest.fixture
    def queue(self) -> MemoryQueue:
        return MemoryQueue()


class TestMemoryPositions(PositionsSuite):
    @pytest.fixture
    def positions(self) -> MemoryPositions:
        return MemoryPositions()


async def test_away_nothing_is_written() -> None:
    documents = MemoryDocuments(scripted("documents.write", DataFault.AWAY))
    with pytest.raises(StoreUnavailable):
        await documents.write(VIEW, [document()])
    assert documents.all(VIEW) == {}


async def test_with_the_reply_lost_all_is_written() -> None:
    documents = MemoryDocuments(scripted("documents.write", DataFault.REPLY_LOST))
    with pytest.raises(StoreUnavailable):
        await documents.write(VIEW, [document()])
    assert set(documents.all(VIEW)) == {ALICE}


async def test_a_torn_write_keeps_the_first_half() -> None:
    documents = MemoryDocuments(scripted("documents.write", DataFault.TORN))
    with pytest.raises(StoreUnavailable):
        await documents.write(VIEW, [document(), document(BOB)])
    assert set(documents.all(VIEW)) == {ALICE}


async def test_overtaken_the_guard_is_lost() -> None:
    documents = MemoryDocuments(scripted("documents.write", DataFault.OVERTAKEN))
    assert await documents.write(VIEW, [document()]) == [Lost()]


async def test_a_torn_queue_keeps_the_first_half() -> None:
    queue = MemoryQueue(scripted("queue.add", DataFault.TORN))
    with pytest.raises(StoreUnavailable):
        await queue.add([entry(1), entry(2)])
    assert [one.id for one in queue.all()] == [entry(1).id]
