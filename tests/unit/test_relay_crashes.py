"""The relay's process dies at a named point: nothing is lost, at most something comes twice."""

from collections.abc import Iterator

import pytest

from contracts.envelope import Topic
from kernel import crash
from kernel.crash import Crashed
from kernel.log import Partition
from kernel.relay import outlet
from kernel.relay.memory import MemoryLog
from tests.support_relay import Service, broken_promises, case_in, commit, drain, positions

CASE = case_in(3)
HERE = Partition(Topic.CASE, 3)


@pytest.fixture(autouse=True)
def _no_hook_left() -> Iterator[None]:
    yield
    crash.set_hook(None)


@pytest.fixture
def service() -> Service:
    return Service(MemoryLog())


async def die(service: Service, point: crash.Point, nth: int = 1) -> None:
    """Run a relay to its death at a point; the lanes run out afterwards."""
    crash.set_hook(crash.raise_at(point, nth))
    with pytest.raises(Crashed):
        await drain(service.relay("dead"))
    crash.set_hook(None)
    service.timer.seconds += 10


async def test_a_commit_that_no_relay_saw_is_sent_by_the_next_one(service: Service) -> None:
    """Killed after the append."""
    await service.relay("dead").step()
    service.store.add(commit(CASE, 1))
    service.timer.seconds += 10
    await drain(service.relay())
    assert positions(service.log.records(HERE)) == ["consent@1"]


@pytest.mark.parametrize("point", ["after_send", "before_mark"])
async def test_killed_between_send_and_mark_leaves_only_duplicates(
    service: Service, point: crash.Point
) -> None:
    service.store.add(commit(CASE, 1, events=2), commit(CASE, 3))
    await die(service, point)
    assert positions(service.log.records(HERE)) == ["consent@1", "consent@2", "consent@3"]
    assert len(service.pending()) == 2
    service.store.add(commit(CASE, 4))
    await drain(service.relay())
    assert broken_promises(service.log.records(HERE)) == []
    assert positions(service.log.records(HERE))[-1] == "consent@4"
    assert service.pending() == []


@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_killed_while_publishing_again_goes_on_with_it(
    service: Service, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "PAGE", 20)
    service.store.add(*(commit(CASE, version) for version in range(1, 61)))
    await drain(service.relay("first"))
    service.timer.seconds += 10
    service.log.lose()
    await die(service, "after_send", nth)
    await drain(service.relay())
    assert broken_promises(service.log.records(HERE)) == []
    assert positions(service.log.records(HERE))[-1] == "consent@60"
