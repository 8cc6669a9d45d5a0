"""One topic of one leased lane: recognise the log, then send, page by page."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import structlog

from contracts.envelope import Position
from kernel import crash
from kernel.log import LogUnavailable, Partition, RecordRefused
from kernel.relay.along import Along
from kernel.relay.link import Link
from kernel.relay.plan import Plan, outgoing, owner, plan
from kernel.relay.port import Lease, Mark, Outbox, Parked
from kernel.store.port import Commit

PAGE = 256
CHUNKS_AT_ONCE = 20
LOOKS = 3
BETWEEN_LOOKS = 0.3

Reopen = Callable[[Partition, Lease], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class StoreBehindLog(Exception):
    """The log holds a version of our own stream that the store does not know."""

    stream: str
    on_log: int
    in_store: int

    def __str__(self) -> str:
        return f"{self.stream} is at {self.on_log} on the log, at {self.in_store} in the store"


class Progress(Enum):
    """What a step found: that it moved, another page, missing causes, or nothing to do."""

    MOVED = auto()
    PAGED = auto()
    WAITING = auto()
    DONE = auto()


@dataclass(frozen=True)
class Means:
    """What every outlet of a relay works with; `said` are the other logs that were told of."""

    outbox: Outbox
    link: Link
    source: str
    parked: dict[str, str]
    reopen: Reopen
    sleep: Sleep
    said: set[str] = field(default_factory=set)


class Outlet:
    """Publishes the commits of one partition, one batch after the other.

    A batch that failed is read and sent again before anything behind it. Per stream, on any
    log: first occurrences stand in version order and, where a log took another one's place,
    after the causes that they name.
    """

    def __init__(self, partition: Partition, lease: Lease, means: Means) -> None:
        self.partition = partition
        self.lease = lease
        self.waiting: dict[str, Position] = {}
        self._means = means
        self._along = Along(partition, means.source)
        self._mark = Mark("")
        self._recognised_in = 0
        self._doubted = False
        self._cursor = ""
        self._moved = False

    async def step(self) -> Progress:
        """Send one page. Raises LogUnavailable, StoreUnavailable, LeaseLost, StoreBehindLog.

        Whoever acknowledged what the log lacks would do so again: only a new producer publishes
        it anew.
        """
        generation = await self._means.link.ready()
        try:
            if generation != self._recognised_in:
                await self._recognise(generation)
            await self._clear_doubts()
            return await self._publish(generation)
        except (LogUnavailable, CancelledError):  # cut off, it may be written all the same
            self._means.link.broken(generation)
            raise

    def doubt(self) -> None:
        """Look at the last acknowledged record again before the next send."""
        self._doubted = True

    async def _clear_doubts(self) -> None:
        doubted, self._doubted = self._doubted, False
        if doubted and not await self._last_stands(self._mark):
            raise LogUnavailable("the log lacks the last record that it acknowledged")

    async def _publish(self, generation: int) -> Progress:
        outbox = self._means.outbox
        started_at = self._cursor
        page = await outbox.pending(self.partition, PAGE, after=started_at)
        for unreadable in page.unreadable:
            await self._park(unreadable)
        known = self._along if self._mark.replaced else None
        held = self.waiting if started_at else ()
        chosen = plan(page.commits, self._means.parked, known, held)
        try:
            moved = await self._carry_out(chosen, generation)
        except RecordRefused as refused:
            return await self._begin_anew_without(chosen.send, refused)
        self._moved = self._moved or moved
        self._note_waiting(chosen, new_round=not started_at)
        if not page.last:
            self._cursor = page.through
            return Progress.PAGED
        return await self._end_of_round()

    async def _begin_anew_without(self, sent: Sequence[Commit], refused: RecordRefused) -> Progress:
        """Park whose record it was. What went with it was not sent, so no later page goes first."""
        commit = owner(sent, refused.index)
        await self._park(Parked(commit.stream, self.partition, commit.id, refused.reason))
        self._moved, self._cursor = False, ""
        return Progress.MOVED

    async def _end_of_round(self) -> Progress:
        moved, self._moved, self._cursor = self._moved, False, ""
        if self.waiting and await self._read_along():
            return Progress.MOVED
        if moved:
            return Progress.MOVED
        return Progress.WAITING if self.waiting else Progress.DONE

    def _note_waiting(self, chosen: Plan, *, new_round: bool) -> None:
        self.waiting = chosen.waiting if new_round else self.waiting | chosen.waiting

    async def _carry_out(self, chosen: Plan, generation: int) -> bool:
        """Send and settle; whether anything went forward. Raises RecordRefused."""
        if not chosen.settled:
            return False
        mark = self._mark
        if chosen.send:
            mark = await self._send(chosen, generation)
        crash.reached("before_mark")
        await self._means.outbox.settle(self.lease, self.partition.topic, mark, chosen.settled)
        self._mark = mark
        return True

    async def _send(self, chosen: Plan, generation: int) -> Mark:
        offsets = await self._means.link.send(generation, self.partition, outgoing(chosen.send))
        crash.reached("after_send")
        if offsets[0] <= self._mark.offset:
            raise LogUnavailable("the log ends before the last record that it acknowledged")
        for commit in chosen.send:
            self._along.sent(commit.stream, commit.version, commit.last.version)
        event = str(chosen.send[-1].events[-1].id)
        return replace(self._mark, offset=offsets[-1], event=event, seen=offsets[-1] + 1)

    async def _park(self, parked: Parked) -> None:
        if parked.stream not in self._means.parked:
            log.error("stream parked", commit=parked.commit, reason=parked.reason)
            await self._means.outbox.park(parked)
            self._means.parked[parked.stream] = parked.commit

    async def _recognise(self, generation: int) -> None:
        """Which log is this? Nothing is sent before that is known."""
        outbox, topic = self._means.outbox, self.partition.topic
        here = self._means.link.identity.of(topic)
        if not here:
            raise LogUnavailable(f"the log has no topic {topic}")
        known = await outbox.claim(self.lease, topic)
        if known is None:
            used = await outbox.used([self.partition])
            await self._save(Mark.first(here, used=bool(used)))
        elif known.log == here and await self._last_stands(known):
            self._mark = known
        else:
            self._say_again(known, here)
            await self._save(Mark(here, replaced=True, reopen=True))
        await self._begin()
        self._recognised_in = generation

    def _say_again(self, known: Mark, here: str) -> None:
        """Of another log once for all its partitions; an end may be gone from one alone."""
        topic, number = self.partition
        if known.log == here:
            log.warning(
                "the log lost its end: publishing again", topic=topic, partition=number, log=here
            )
        elif here not in self._means.said:
            self._means.said.add(here)
            log.warning("another log: publishing again", topic=topic, log=here)

    async def _last_stands(self, mark: Mark) -> bool:
        """Whether the last acknowledged record is at its place; asked again before saying no."""
        for _ in range(LOOKS if mark.offset >= 0 else 0):
            record = await self._means.link.reader.at(self.partition, mark.offset)
            if record:
                return dict(record.headers).get("ce_id") == mark.event.encode()
            await self._means.sleep(BETWEEN_LOOKS)
        return mark.offset < 0

    async def _begin(self) -> None:
        if self._mark.reopen:
            await self._means.reopen(self.partition, self.lease)
            await self._save(replace(self._mark, reopen=False))
        self._cursor = ""
        self._along = Along(self.partition, self._means.source, self._mark.seen)
        while await self._read_on():
            pass
        self._mark = replace(self._mark, seen=max(self._mark.seen, self._along.offset))

    async def _read_along(self) -> bool:
        """Read the log along for the causes that streams wait for; whether anything was read."""
        if not self._along.from_start:
            self._along = Along(self.partition, self._means.source)
        start = self._along.offset
        for _ in range(CHUNKS_AT_ONCE):
            if not await self._read_on():
                break
        return self._along.offset > start

    async def _read_on(self) -> int:
        count, tops = await self._along.read_on(self._means.link.reader)
        await self._compare(tops)
        return count

    async def _compare(self, tops: dict[str, int]) -> None:
        heads = await self._means.outbox.heads(tops.keys()) if tops else {}
        for stream, top in tops.items():
            if top > heads.get(stream, 0):
                raise StoreBehindLog(stream, top, heads.get(stream, 0))

    async def _save(self, mark: Mark) -> None:
        await self._means.outbox.save(self.lease, self.partition.topic, mark)
        self._mark = mark
