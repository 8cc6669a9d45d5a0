"""What every keeper of positions does; the database and its twin both pass."""

from __future__ import annotations

from kernel.consume.positions import Feed, Place, Positions, Stand
from kernel.log import Partition

HERE, THERE = Partition("rj.case", 0), Partition("rj.case", 1)


def place(offset: int, log: str = "cluster/topic") -> Place:
    return Place(log, offset, f"event {offset}")


READER, WRITER = Feed("reader", ("a__1", "b__1")), Feed("reader", ("a__1", "b__2"))


def stand(offset: int, log: str = "cluster/topic", *, feed: Feed = READER) -> Stand:
    return Stand(feed.views, place(offset, log))


class PositionsSuite:
    """Subclasses give the fixture `positions`."""

    async def test_at_first_there_is_no_place(self, positions: Positions) -> None:
        assert not await positions.begun()
        assert await positions.load([HERE, THERE]) == {}
        assert await positions.load([]) == {}

    async def test_what_was_stored_is_loaded(self, positions: Positions) -> None:
        await positions.store(READER, {HERE: place(7), THERE: place(3)})
        assert await positions.begun()
        assert await positions.load([HERE]) == {HERE: [stand(7)]}
        assert await positions.load([HERE, THERE]) == {HERE: [stand(7)], THERE: [stand(3)]}

    async def test_feeds_and_topics_have_places_of_their_own(self, positions: Positions) -> None:
        other = HERE._replace(topic="rj.offer")
        await positions.store(READER, {HERE: place(7), other: place(1)})
        await positions.store(WRITER, {HERE: place(2)})
        found = await positions.load([HERE, other])
        assert found[other] == [stand(1)]
        assert sorted(found[HERE], key=lambda one: one.place.offset) == [
            stand(2, feed=WRITER),
            stand(7),
        ]

    async def test_a_zombie_does_not_move_it_back(self, positions: Positions) -> None:
        await positions.store(READER, {HERE: place(7)})
        await positions.store(READER, {HERE: place(5), THERE: place(1)})
        assert await positions.load([HERE, THERE]) == {HERE: [stand(7)], THERE: [stand(1)]}

    async def test_the_same_place_twice_is_no_error(self, positions: Positions) -> None:
        await positions.store(READER, {HERE: place(7)})
        await positions.store(READER, {HERE: place(7)})
        assert await positions.load([HERE]) == {HERE: [stand(7)]}

    async def test_on_another_log_it_begins_wherever_that_stands(
        self, positions: Positions
    ) -> None:
        await positions.store(READER, {HERE: place(7)})
        await positions.store(READER, {HERE: place(2, "another/log")})
        assert await positions.load([HERE]) == {HERE: [stand(2, "another/log")]}

    async def test_a_forgotten_place_may_be_stored_further_back(self, positions: Positions) -> None:
        await positions.store(READER, {HERE: place(7), THERE: place(1)})
        await positions.store(WRITER, {HERE: place(8)})
        await positions.forget([HERE])
        assert await positions.load([HERE, THERE]) == {THERE: [stand(1)]}
        await positions.store(READER, {HERE: place(2)})
        assert await positions.load([HERE]) == {HERE: [stand(2)]}

    async def test_of_a_forgotten_view_no_feed_has_a_place_and_others_have_theirs(
        self, positions: Positions
    ) -> None:
        await positions.store(READER, {HERE: place(7), THERE: place(3)})
        await positions.store(WRITER, {THERE: place(2)})
        await positions.forget_view("b__1")
        assert await positions.load([HERE, THERE]) == {THERE: [stand(2, feed=WRITER)]}
        await positions.store(READER, {HERE: place(1)})
        assert await positions.load([HERE]) == {HERE: [stand(1)]}

    async def test_storing_nothing_is_no_error(self, positions: Positions) -> None:
        await positions.store(READER, {})
