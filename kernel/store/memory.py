"""In-memory twin of the commit store: deterministic, and it fails in the ways a database can."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Literal
from uuid import UUID

from kernel.store.port import (
    Commit,
    Duplicate,
    Inserted,
    Insertion,
    OutcomeUnknown,
    Rejected,
    StoreDiffers,
    StoreUnavailable,
)

Operation = Literal["insert", "load", "holders"]
Pause = Callable[[str], Awaitable[None]]


class StoreFault(Enum):
    """What goes wrong in one operation on the store; a read knows AWAY only."""

    AWAY = "no answer, and nothing was done"
    REPLY_LOST = "written, but the reply was lost"
    TORN = "the first half of the batch was written, then no answer"
    STRAY = "no answer; written two operations later, where the place is still free"
    LATE = "written, but a majority has it only two operations later"
    ROLLED_BACK = "written, but not by a majority, and gone two operations later"
    REFUSED = "the last document of the batch is refused"


Faults = Callable[[Operation], StoreFault | None]
OPERATIONS_LATER = 2


async def no_pause(_: str) -> None:
    """Go straight on; a scheduler puts its own pause here."""


def no_faults(_: Operation) -> StoreFault | None:
    """Nothing goes wrong."""
    return None


def scripted(*faults: StoreFault | None, of: Operation = "insert") -> Faults:
    """Faults for the next operations of one kind, in turn; none when they are used up."""
    left = deque(faults)
    return lambda operation: left.popleft() if operation == of and left else None


def seeded(random: Random, share: float, among: Iterable[StoreFault] = StoreFault) -> Faults:
    """A fault in this share of the operations; the same seed gives the same faults."""
    choice = tuple(among)
    return lambda _: random.choice(choice) if random.random() < share else None


@dataclass
class _Later:
    """What becomes of some commits when so many operations have begun."""

    operations: int
    fate: StoreFault
    commits: tuple[Commit, ...]


class MemoryCommits:
    """The commits of one service, as a primary and as its majority have them.

    `faults` is asked before each operation; `pause` is awaited before and after its effect, so
    that a scheduler decides what comes between. An acknowledged insert makes all that was
    written before it majority's own, as replication in order does.
    """

    def __init__(self, faults: Faults = no_faults, pause: Pause = no_pause) -> None:
        self.faults = faults
        self.pause = pause
        self._written: dict[str, Commit] = {}
        self._streams: defaultdict[str, set[str]] = defaultdict(set)
        self._commands: set[tuple[str, UUID]] = set()
        self._unsettled: set[str] = set()
        self._later: list[_Later] = []

    async def ensure_indexes(self) -> None:
        """Nothing to make here."""

    async def insert(self, batch: Sequence[Commit]) -> list[Insertion]:
        """Insert unordered, one result each; raises OutcomeUnknown for the batch as a whole."""
        fault = await self._begin("insert")
        results = self._insert(tuple(batch), fault)
        await self.pause("insert")
        if fault not in (None, StoreFault.REFUSED):
            raise OutcomeUnknown(fault.value)
        return results

    async def load(self, stream: str) -> list[Commit]:
        """All commits of a stream in version order; raises StoreUnavailable."""
        return await self._read("load", stream, lambda _: True)

    async def holders(self, commit: Commit) -> list[Commit]:
        """The commits that hold this one's place or its command; raises StoreUnavailable."""
        return await self._read(
            "holders",
            commit.stream,
            lambda one: one.id == commit.id or one.command_id == commit.command_id,
        )

    def durable(self) -> list[Commit]:
        """Every commit that a majority has, in `_id` order."""
        return self._settled(self._written)

    @property
    def settled(self) -> bool:
        """Whether a majority has all that was written."""
        return not self._unsettled

    def take_back(self, commits: Iterable[Commit]) -> int:
        """Add what is missing of these; how many were. Raises StoreDiffers, having added none."""
        missing = {one.id: one for one in commits if not self._holds(one)}
        self._write(missing.values())
        return len(missing)

    def _holds(self, commit: Commit) -> bool:
        held = self._written.get(commit.id)
        if held is None and (commit.stream, commit.command_id) not in self._commands:
            return False
        if held is None or _told_by(held) != _told_by(commit):
            raise StoreDiffers(commit.id)
        return True

    async def _begin(self, operation: Operation) -> StoreFault | None:
        await self.pause(operation)
        self._let_time_pass()
        return self.faults(operation)

    async def _read(
        self, operation: Operation, stream: str, wanted: Callable[[Commit], bool]
    ) -> list[Commit]:
        fault = await self._begin(operation)
        found = [one for one in self._settled(self._streams[stream]) if wanted(one)]
        await self.pause(operation)
        if fault is StoreFault.AWAY:
            raise StoreUnavailable(fault.value)
        return found

    def _settled(self, ids: Iterable[str]) -> list[Commit]:
        return [self._written[one] for one in sorted(ids) if one not in self._unsettled]

    def _insert(self, batch: Sequence[Commit], fault: StoreFault | None) -> list[Insertion]:
        match fault:
            case None | StoreFault.REPLY_LOST:
                return self._settle(self._write(batch))
            case StoreFault.REFUSED:
                return [*self._settle(self._write(batch[:-1])), Rejected(fault.value)]
            case StoreFault.TORN:
                return self._settle(self._write(batch[: len(batch) // 2]))
            case StoreFault.LATE | StoreFault.ROLLED_BACK:
                self._write_unsettled(batch, fault)
            case StoreFault.STRAY:
                self._later.append(_Later(OPERATIONS_LATER, fault, tuple(batch)))
            case StoreFault.AWAY:
                pass
        return []

    def _write(self, batch: Iterable[Commit]) -> list[Insertion]:
        return [self._write_one(commit) for commit in batch]

    def _write_one(self, commit: Commit) -> Insertion:
        command = (commit.stream, commit.command_id)
        if commit.id in self._written or command in self._commands:
            return Duplicate()
        self._written[commit.id] = commit
        self._streams[commit.stream].add(commit.id)
        self._commands.add(command)
        return Inserted()

    def _settle(self, results: list[Insertion]) -> list[Insertion]:
        if Inserted() in results:
            self._unsettled.clear()
            self._later = [one for one in self._later if one.fate is StoreFault.STRAY]
        return results

    def _write_unsettled(self, batch: Sequence[Commit], fault: StoreFault) -> None:
        results = zip(batch, self._write(batch), strict=True)
        new = tuple(one for one, result in results if isinstance(result, Inserted))
        self._unsettled.update(one.id for one in new)
        self._later.append(_Later(OPERATIONS_LATER, fault, new))

    def _let_time_pass(self) -> None:
        for one in self._later:
            one.operations -= 1
        due = [one for one in self._later if one.operations < 0]
        self._later = [one for one in self._later if one.operations >= 0]
        for one in due:
            self._meet_fate(one)

    def _meet_fate(self, one: _Later) -> None:
        match one.fate:
            case StoreFault.STRAY:
                self._settle(self._write(one.commits))
            case StoreFault.LATE:
                self._unsettled.difference_update(commit.id for commit in one.commits)
            case _:
                self._forget(one.commits)

    def _forget(self, commits: Iterable[Commit]) -> None:
        for commit in commits:
            del self._written[commit.id]
            self._streams[commit.stream].remove(commit.id)
            self._commands.remove((commit.stream, commit.command_id))
            self._unsettled.remove(commit.id)


def _told_by(commit: Commit) -> tuple[object, ...]:
    """Decided at another moment, the same command may have been answered otherwise."""
    return commit.command_id, commit.recorded_at, len(commit.events)
