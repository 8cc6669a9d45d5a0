"""Group commit: appends that wait while a write is in flight share the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from typing import NamedTuple

from kernel.store.port import Commit, Commits, Insertion, OutcomeUnknown

MOST = 256


class _Waiting(NamedTuple):
    commit: Commit
    answer: asyncio.Future[Insertion]


class SharedWrites:
    """One write at a time; each commit in it is answered by its own result.

    A gathered write holds at most one commit of a stream. A caller that is cancelled leaves the
    shared write and its neighbours alone.
    """

    def __init__(self, commits: Commits, most: int = MOST) -> None:
        self._commits = commits
        self._most = most
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def insert(self, commit: Commit) -> Insertion:
        """The result for this commit; raises OutcomeUnknown where the shared write gave none."""
        answer: asyncio.Future[Insertion] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(commit, answer))
        self._wake()
        return await answer

    async def close(self) -> None:
        """Wait until nothing is in flight or waiting."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    def _wake(self) -> None:
        if self._writer is None or self._writer.done():
            # A context of its own: the first caller's correlation and deadline are not the others'.
            self._writer = asyncio.create_task(self._write_all(), context=Context())

    async def _write_all(self) -> None:
        while batch := self._take():
            try:
                await self._write(batch)
            finally:
                for one in batch:
                    one.answer.cancel()

    async def _write(self, batch: list[_Waiting]) -> None:
        try:
            _answer(batch, await self._commits.insert([one.commit for one in batch]))
        except Exception as wrong:  # noqa: BLE001  whatever it was, the rest's fate is not known
            _answer_unknown(batch, wrong)

    def _take(self) -> list[_Waiting]:
        taken: dict[str, _Waiting] = {}
        left: deque[_Waiting] = deque()
        for one in self._waiting:
            if one.answer.done():
                continue
            if len(taken) < self._most and one.commit.stream not in taken:
                taken[one.commit.stream] = one
            else:
                left.append(one)
        self._waiting = left
        return list(taken.values())


def _answer(batch: list[_Waiting], results: Sequence[Insertion]) -> None:
    for one, result in zip(batch, results, strict=True):
        if not one.answer.done():
            one.answer.set_result(result)


def _answer_unknown(batch: list[_Waiting], wrong: Exception) -> None:
    for one in batch:
        if not one.answer.done():
            unknown = OutcomeUnknown(str(wrong))
            unknown.__cause__ = wrong
            one.answer.set_exception(unknown)
