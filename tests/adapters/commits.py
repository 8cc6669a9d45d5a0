"""What every commit store must do: the suite that the real one and its in-memory twin pass."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.envelope import Position, Topic
from contracts.fields import ActorId, OrganisationId, Role
from kernel.store.port import Commit, Commits, Duplicate, Inserted, Rejected, StoredEvent

NOW = datetime(2026, 3, 2, 10, 0, 0, 123457, UTC)


def a_commit(subject: UUID | None = None, version: int = 1, **fields: Any) -> Commit:
    """A commit with sane defaults; `events` may be their number, `fields` set the rest."""
    about = subject or uuid4()
    count = fields.pop("events", 1)
    defaults: dict[str, Any] = {
        "stream": f"tally-{about}",
        "version": version,
        "subject": about,
        "topic": Topic.CASE,
        "source": "/rj/tally",
        "recorded_at": NOW,
        "command_id": uuid4(),
        "request_hash": "00ff",
        "causation": None,
        "correlation": uuid4(),
        "causes": (),
        "role": Role.COORDINATOR,
        "org": OrganisationId(uuid4()),
        "actor": ActorId(uuid4()),
        "controller": OrganisationId(uuid4()),
        "traceparent": None,
        "events": count if isinstance(count, tuple) else tuple(an_event() for _ in range(count)),
    }
    return Commit(**(defaults | fields))


def an_event(data: str = '{"count":1}') -> StoredEvent:
    """A stored event."""
    return StoredEvent(uuid4(), "rj.Added.v1", NOW, data)


def a_full_commit() -> Commit:
    """A commit with every field set."""
    return a_commit(
        causation=uuid4(),
        causes=(Position(f"consent-{uuid4()}", 5), Position(f"referral-{uuid4()}", 12)),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        events=(an_event(), an_event('{"words":"Überschuß"}')),
    )


class CommitsSuite:
    """Subclasses give the fixture `commits`, and a way to have one commit refused."""

    @abstractmethod
    async def make_refusable(self, commits: Any) -> Commit:
        """A commit that this store refuses when it is the last of the next batch."""
        ...

    async def test_a_commit_is_read_back_as_it_was_written(self, commits: Commits) -> None:
        commit = a_full_commit()
        assert await commits.insert([commit]) == [Inserted()]
        assert await commits.load(commit.stream) == [commit]

    async def test_a_stream_is_read_in_version_order_and_alone(self, commits: Commits) -> None:
        subject = uuid4()
        mine = [a_commit(subject, version) for version in (9, 1, 100, 10, 2)]
        other = a_commit(subject, stream=f"tally-{subject}0")
        await commits.insert([*mine, other])
        read = await commits.load(mine[0].stream)
        assert [one.version for one in read] == [1, 2, 9, 10, 100]

    async def test_an_unknown_stream_is_empty(self, commits: Commits) -> None:
        assert await commits.load(f"tally-{uuid4()}") == []

    async def test_a_taken_place_is_a_duplicate(self, commits: Commits) -> None:
        first, second = a_commit(subject := uuid4()), a_commit(subject)
        await commits.insert([first])
        assert await commits.insert([second]) == [Duplicate()]
        assert await commits.load(first.stream) == [first]

    async def test_a_command_has_one_commit_in_a_stream(self, commits: Commits) -> None:
        first = a_commit(subject := uuid4())
        again = a_commit(subject, 2, command_id=first.command_id)
        elsewhere = a_commit(command_id=first.command_id)
        await commits.insert([first])
        assert await commits.insert([again, elsewhere]) == [Duplicate(), Inserted()]

    async def test_the_same_document_again_is_a_duplicate(self, commits: Commits) -> None:
        commit = a_commit()
        await commits.insert([commit])
        assert await commits.insert([commit]) == [Duplicate()]

    async def test_a_duplicate_keeps_none_of_its_neighbours_out(self, commits: Commits) -> None:
        taken = a_commit()
        await commits.insert([taken])
        batch = [a_commit(), taken, a_commit()]
        assert await commits.insert(batch) == [Inserted(), Duplicate(), Inserted()]
        assert [await commits.load(one.stream) for one in batch] == [[one] for one in batch]

    async def test_a_refused_commit_keeps_none_of_its_neighbours_out(
        self, commits: Commits
    ) -> None:
        refused = await self.make_refusable(commits)
        batch = [a_commit(), a_commit(), refused]
        *others, last = await commits.insert(batch)
        assert others == [Inserted(), Inserted()]
        assert isinstance(last, Rejected)
        assert [len(await commits.load(one.stream)) for one in batch] == [1, 1, 0]

    async def test_of_many_who_want_one_place_one_gets_it(self, commits: Commits) -> None:
        subject = uuid4()
        results = await asyncio.gather(*(commits.insert([a_commit(subject)]) for _ in range(16)))
        assert Counter(type(one) for (one,) in results) == {Inserted: 1, Duplicate: 15}
        assert len(await commits.load(f"tally-{subject}")) == 1

    async def test_holders_are_who_has_the_place_or_the_command(self, commits: Commits) -> None:
        first, second = a_commit(subject := uuid4()), a_commit(subject, 2)
        wanted = a_commit(subject, 1, command_id=second.command_id)
        await commits.insert([first, second, a_commit(subject, 3), a_commit()])
        assert await commits.holders(wanted) == [first, second]
        assert await commits.holders(second) == [second]
        assert await commits.holders(a_commit(subject, 4)) == []

    async def test_nothing_to_insert_is_nothing_done(self, commits: Commits) -> None:
        assert await commits.insert([]) == []
