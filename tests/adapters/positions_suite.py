"""What every keeper of positions does; the database and its twin both pass."""

from __future__ import annotations

from kernel.consume.positions import Place, Positions
from kernel.log import Partition

HERE, THERE = Partition("rj.case", 0), Partition("rj.case", 1)


def place(offset: int, log: str = "cluster/topic") -> Place:
    return Place(log, offset, f"event {offset}")


class PositionsSuite:
    """Subclasses give the fixture `positions`."""

    async def test_at_first_there_is_no_place(self, positions: Positions) -> None:
        assert await positions.load("reader", [HERE, THERE]) == {}
        assert await positions.load("reader", []) == {}

    async def test_what_was_stored_is_loaded(self, positions: Positions) -> None:
        await positions.store("reader", {HERE: place(7), THERE: place(3)})
        assert await positions.load("reader", [HERE]) == {HERE: place(7)}
        assert await positions.load("reader", [HERE, THERE]) == {HERE: place(7), THERE: place(3)}

    async def test_consumers_and_topics_have_places_of_their_own(
        self, positions: Positions
    ) -> None:
        other = HERE._replace(topic="rj.offer")
        await positions.store("reader", {HERE: place(7), other: place(1)})
        await positions.store("writer", {HERE: place(2)})
        assert await positions.load("reader", [HERE, other]) == {HERE: place(7), other: place(1)}
        assert await positions.load("writer", [HERE, other]) == {HERE: place(2)}

    async def test_a_zombie_does_not_move_it_back(self, positions: Positions) -> None:
        await positions.store("reader", {HERE: place(7)})
        await positions.store("reader", {HERE: place(5), THERE: place(1)})
        assert await positions.load("reader", [HERE, THERE]) == {HERE: place(7), THERE: place(1)}

    async def test_the_same_place_twice_is_no_error(self, positions: Positions) -> None:
        await positions.store("reader", {HERE: place(7)})
        await positions.store("reader", {HERE: place(7)})
        assert await positions.load("reader", [HERE]) == {HERE: place(7)}

    async def test_on_another_log_it_begins_wherever_that_stands(
        self, positions: Positions
    ) -> None:
        await positions.store("reader", {HERE: place(7)})
        await positions.store("reader", {HERE: place(2, "another/log")})
        assert await positions.load("reader", [HERE]) == {HERE: place(2, "another/log")}

    async def test_a_forgotten_place_may_be_stored_further_back(self, positions: Positions) -> None:
        await positions.store("reader", {HERE: place(7)})
        await positions.forget("reader", [HERE, THERE])
        assert await positions.load("reader", [HERE]) == {}
        await positions.store("reader", {HERE: place(2)})
        assert await positions.load("reader", [HERE]) == {HERE: place(2)}

    async def test_storing_nothing_is_no_error(self, positions: Positions) -> None:
        await positions.store("reader", {})
