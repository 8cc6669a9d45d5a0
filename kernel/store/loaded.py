"""A stream read back: its commits, and the state that they fold to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Generic, NamedTuple
from uuid import UUID

from contracts.envelope import Event
from kernel.decider import Actor, C, Decider, Entry, S
from kernel.store.port import Commit, StoreUnavailable

Decode = Callable[[str, str], Event]


class Loaded(NamedTuple, Generic[S]):
    """A stream as far as it is durable."""

    state: S
    version: int
    commits: Sequence[Commit]

    def answer(self, command_id: UUID) -> Commit | None:
        """The commit that answered this command, if one did."""
        return next((one for one in self.commits if one.command_id == command_id), None)

    def until(self, moment: datetime) -> list[Commit]:
        """The commits recorded up to a moment: a prefix, as `recorded_at` never falls."""
        return [one for one in self.commits if one.recorded_at <= moment]

    def entries(self) -> tuple[Entry, ...]:
        """Each event's id, place and type, who made it, and when it happened."""
        return tuple(one for commit in self.commits for one in _entries(commit))


def folded(decider: Decider[C, S], commits: Sequence[Commit], decode: Decode) -> Loaded[S]:
    """Fold the commits of one stream; raises StoreUnavailable where one is missing."""
    _assert_dense(commits)
    events = [decode(one.type, one.data) for commit in commits for one in commit.events]
    return Loaded(decider.fold(events), len(events), commits)


def _entries(commit: Commit) -> Iterator[Entry]:
    actor = Actor(commit.actor, commit.org, commit.role)
    for place, event in enumerate(commit.events):
        happened_at = min(event.happened_at, commit.recorded_at)
        yield Entry(event.id, commit.version + place, event.type, actor, happened_at)


def _assert_dense(commits: Sequence[Commit]) -> None:
    version = 0
    for commit in commits:
        if commit.version != version + 1:
            raise StoreUnavailable(f"the store lacks what stood before {commit.id}")
        version = commit.last.version
