"""What every queue of parked events does; the database and its twin both pass."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from kernel.project.port import Entry, Queue, Why
from tests.support_folds import ALICE, BOB, LOG, NOW, at, partition_of, record, step, unreadable


def entry(version: int = 1, who: UUID = ALICE, view: str = "walk__1") -> Entry:
    held = record(step(version, who=who), offset=version)
    return Entry(view, who, at("referral", version, who), Why.GAP, "why", LOG, held, NOW)


def nowhere(offset: int, log: str = LOG) -> Entry:
    held = unreadable(partition_of(step(1).envelope), offset)
    return Entry("consumer", None, None, Why.UNREADABLE, "MalformedEnvelope", log, held, NOW)


class QueueSuite:
    """Subclasses give the fixture `queue`."""

    async def test_what_was_added_waits_in_version_order(self, queue: Queue) -> None:
        await queue.add([entry(10), entry(2)])
        await queue.add([entry(9), entry(1, who=BOB)])
        assert await queue.of("walk__1", [ALICE]) == {ALICE: [entry(2), entry(9), entry(10)]}

    async def test_nothing_waits_where_nothing_was_added(self, queue: Queue) -> None:
        await queue.add([])
        await queue.add([entry(1, view="run__1")])
        assert await queue.of("walk__1", [ALICE]) == {}

    async def test_an_entry_that_is_there_stays_as_it_is(self, queue: Queue) -> None:
        await queue.add([entry(1)])
        await queue.add([replace(entry(1), why=Why.BEHIND), entry(2)])
        assert await queue.of("walk__1", [ALICE]) == {ALICE: [entry(1), entry(2)]}

    async def test_what_was_removed_is_gone_and_removing_again_is_no_error(
        self, queue: Queue
    ) -> None:
        await queue.add([entry(1), entry(2)])
        await queue.remove([entry(1).id])
        await queue.remove([entry(1).id])
        await queue.remove([])
        assert await queue.of("walk__1", [ALICE]) == {ALICE: [entry(2)]}

    async def test_a_dropped_entry_keeps_its_record_and_the_reason(self, queue: Queue) -> None:
        await queue.add([entry(1), entry(2)])
        await queue.drop(replace(entry(1), record=None, dropped="a reason"))
        dropped = replace(entry(1), dropped="a reason")
        assert await queue.of("walk__1", [ALICE]) == {ALICE: [dropped, entry(2)]}
        assert await queue.page(dropped=True) == [dropped]
        assert await queue.page() == [entry(2)]
        assert await queue.count() == {"walk__1": 1}

    async def test_an_event_that_never_came_can_be_dropped(self, queue: Queue) -> None:
        missing = replace(entry(1), record=None, dropped="never came")
        await queue.drop(missing)
        assert await queue.of("walk__1", [ALICE]) == {ALICE: [missing]}

    async def test_records_without_an_envelope_wait_by_their_place_on_their_log(
        self, queue: Queue
    ) -> None:
        entries = [nowhere(7), nowhere(10), nowhere(7, log="another/log")]
        await queue.add(entries)
        await queue.add(entries)
        assert sorted(await queue.page("consumer"), key=repr) == sorted(entries, key=repr)

    async def test_entries_of_a_discarded_view_are_forgotten(self, queue: Queue) -> None:
        await queue.add([entry(1), entry(2), entry(1, view="walk__2")])
        await queue.drop(replace(entry(2), dropped="never came"))
        await queue.discard("walk__1")
        assert await queue.page() == [entry(1, view="walk__2")]
        assert await queue.page(dropped=True) == []

    async def test_a_page_goes_on_behind_an_id(self, queue: Queue) -> None:
        await queue.add([entry(one) for one in range(1, 6)])
        first = await queue.page(limit=3)
        rest = await queue.page(after=first[-1].id, limit=3)
        assert first + rest == [entry(one) for one in range(1, 6)]

    async def test_what_waits_is_counted_by_view(self, queue: Queue) -> None:
        await queue.add([entry(1), entry(2), entry(1, view="run__1"), nowhere(1)])
        assert await queue.count() == {"walk__1": 2, "run__1": 1, "consumer": 1}
        assert await queue.page("run__1") == [entry(1, view="run__1")]
