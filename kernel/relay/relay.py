"""The relay: shares the lanes with other replicas and publishes what is pending in its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from itertools import count

from contracts.envelope import Topic
from kernel.log import LogReader, LogUnavailable, LogWriter, Partition
from kernel.relay.ending import ended
from kernel.relay.first import mark_first
from kernel.relay.health import Health, Troubles
from kernel.relay.link import Link
from kernel.relay.outlet import Means, Outlet, Progress, Sleep, StoreBehindLog
from kernel.relay.pace import Pace, delays
from kernel.relay.port import Lease, LeaseLost, Leases, Outbox, Standing
from kernel.relay.recovery import Recovery
from kernel.relay.reopen import Reopener
from kernel.relay.share import too_many, wanted
from kernel.relay.worker import Spawn, Worker
from kernel.store.port import StoreUnavailable

PATIENCE_AT_STOP = 2.0
LEAVING_SECONDS = 2.0


class Relay:
    """Publishes every commit of the store, in order per stream, at least once.

    Run as many as there are replicas: they share the 16 lanes. `run` works until it is
    cancelled or stopped; `step` does one round of everything, for tests and simulation.
    """

    def __init__(
        self,
        outbox: Outbox,
        leases: Leases,
        writer: LogWriter,
        reader: LogReader,
        *,
        source: str,
        topics: Sequence[str] = Topic.ALL,
        pace: Pace | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._leases = leases
        self._link = Link(writer, reader)
        self._topics = topics
        self._pace = pace or Pace()
        self._troubles = Troubles()
        self._recovery = Recovery(outbox, reader, source, topics, self._troubles)
        self._parked: dict[str, str] = {}
        self._means = Means(
            outbox, self._link, source, self._parked, Reopener(outbox).reopen, sleep
        )
        self._workers: dict[Partition, Worker] = {}
        self._spawn: Spawn | None = None
        self._stopping = asyncio.Event()
        self._generation = self._replicas = 0
        self._turns = count()

    def health(self) -> Health:
        """How it is now."""
        return Health(
            lanes=len({partition.number for partition in self._workers}),
            replicas=self._replicas,
            parked=len(self._parked),
            waiting_for_causes=sum(len(one.outlet.waiting) for one in self._workers.values()),
            log_away=self._troubles.log.words,
            store_away=self._troubles.store.words,
            behind=self._troubles.behind,
            recovering=self._recovery.why,
        )

    async def learn(self) -> None:
        """Learn whether the store was restored; to be awaited before it answers or takes anything.

        Raises StoreUnavailable.
        """
        await self._recovery.ask()

    async def prepare(self) -> None:
        """Note which log this is; to be awaited before the service reads its first fact from it.

        A commit may name as its cause only what was read after this: otherwise nobody could
        tell that the cause was read from a log that is gone. Tries until it is done.
        """
        pauses = delays()
        while not await self._prepared():
            await self._means.sleep(next(pauses))

    async def _prepared(self) -> bool:
        try:
            await mark_first(self._outbox, self._link.reader, self._topics)
        except (LogUnavailable, StoreUnavailable) as away:
            self._troubles.note(None, away)
            return False
        self._troubles.clear(None)
        return True

    async def run(self) -> None:
        """Publish until cancelled or stopped; then the lanes are given back."""
        try:
            async with asyncio.TaskGroup() as group:
                self._spawn = group.create_task
                rounds = (self._keep_balance, self._listen, self._keep_looking)
                loops = [group.create_task(self._once_whole(one)) for one in rounds]
                try:
                    await self._stopping.wait()
                finally:
                    await ended(loops)
                    self._begin_no_step()
                await self._let_go(list(self._workers), PATIENCE_AT_STOP)
        finally:
            self._spawn = None
            await self._leave()

    def stop(self) -> None:
        """Ask `run` to come to its end."""
        self._stopping.set()

    async def step(self) -> bool:
        """One round: share lanes, look at the log, step each outlet; whether anything moved."""
        if not await self._recovery.step():
            return False
        with suppress(StoreUnavailable):
            await self.balance()
            await self._read_parked()
        await self._look()
        moved = [await self._try(worker) for worker in list(self._workers.values())]
        return any(moved)

    async def _try(self, worker: Worker) -> bool:
        if self._troubles.behind:
            return False
        try:
            while (progress := await worker.outlet.step()) is Progress.PAGED:
                pass
        except (LeaseLost, StoreBehindLog, LogUnavailable, StoreUnavailable) as failed:
            self._note(worker, failed)
            return False
        self._note(worker, None)
        return progress is Progress.MOVED

    async def balance(self) -> None:
        """Renew, give back what is too many, take what is free; raises StoreUnavailable.

        What is given back has until the next beat to end: no other lease runs out meanwhile.
        """
        standing = await self._leases.beat()
        self._replicas = standing.replicas
        self._forget_lost(standing)
        if give := too_many(standing):
            given = [one for one in self._workers if one.number in give]
            await self._let_go(given, self._pace.beat)
            await self._leases.give(give)
        elif take := wanted(standing):
            await self._leases.take(take)
            standing = await self._leases.beat()
        self._open({lane: one for lane, one in standing.mine.items() if lane not in give})

    def _forget_lost(self, standing: Standing) -> None:
        held = set(standing.mine.values())
        for partition, worker in list(self._workers.items()):
            if worker.outlet.lease not in held:
                self._forget(partition)

    def _forget(self, partition: Partition) -> None:
        self._troubles.clear(partition)
        self._workers.pop(partition).leave()

    def _open(self, held: dict[int, Lease]) -> None:
        for lane, lease in held.items():
            for topic in self._topics:
                self._open_one(Partition(topic, lane), lease)

    def _open_one(self, partition: Partition, lease: Lease) -> None:
        if partition not in self._workers:
            outlet = Outlet(partition, lease, self._means)
            self._workers[partition] = Worker(outlet, self._note)
            self._wake([partition])

    async def _let_go(self, partitions: Collection[Partition], patience: float) -> None:
        workers = [self._workers[one] for one in partitions]
        for one in partitions:
            self._forget(one)
        await asyncio.gather(*(worker.stop(patience) for worker in workers))

    def _begin_no_step(self) -> None:
        for worker in self._workers.values():
            worker.leave()

    def _wake(self, partitions: Iterable[Partition]) -> None:
        if self._spawn and not self._troubles.behind:
            for worker in (self._workers.get(one) for one in partitions):
                if worker:
                    worker.wake(self._spawn)

    def _note(self, worker: Worker, failed: Exception | None) -> None:
        """What came of a step."""
        partition = worker.outlet.partition
        if failed is None:
            self._troubles.clear(partition)
            return
        self._troubles.note(partition, failed)
        if isinstance(failed, LeaseLost) and self._workers.get(partition) is worker:
            self._forget(partition)
        if isinstance(failed, StoreBehindLog):
            self._begin_no_step()

    async def _once_whole(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._recovery.until_whole(self._means.sleep)
        await work()

    async def _keep_balance(self) -> None:
        await self._repeat(self.balance, self._pace.beat)

    async def _keep_looking(self) -> None:
        await self._repeat(self._look, self._pace.look)

    async def _look(self) -> None:
        """Ask which log this is; one outlet after the other also looks at its last record.

        After a reconnection all of them look: a lane with nothing to send would not notice that
        the log is another one.
        """
        try:
            await self._link.look(self._topics)
        except LogUnavailable as away:
            self._troubles.note(None, away)
            return
        self._troubles.log.clear(None)
        if not self._link.up or self._generation != self._link.generation:
            self._generation = self._link.generation
            self._wake(self._workers)
        elif self._workers:
            partition = sorted(self._workers)[next(self._turns) % len(self._workers)]
            self._workers[partition].outlet.doubt()
            self._wake([partition])

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        sweep_at = 0.0
        failures = delays()
        while True:
            try:
                rings = await self._outbox.rung(self._pace.ring)
                if rings is None or loop.time() >= sweep_at:
                    await self._sweep()
                    sweep_at = loop.time() + self._pace.sweep
                self._wake(rings or ())
                failures = delays()
            except StoreUnavailable:
                await asyncio.sleep(next(failures))

    async def _sweep(self) -> None:
        await self._read_parked()
        self._wake(await self._outbox.waiting(list(self._workers)))

    async def _read_parked(self) -> None:
        found = {one.stream: one.commit for one in await self._outbox.parked()}
        self._parked.clear()
        self._parked |= found

    async def _repeat(self, work: Callable[[], Awaitable[None]], every: float) -> None:
        while True:
            with suppress(StoreUnavailable):
                await work()
            await asyncio.sleep(every)

    async def _leave(self) -> None:
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(LEAVING_SECONDS):
                await self._leases.leave()
