"""A consumer that stays alive: it joins, watches the log and itself, and begins again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka.errors import InvalidSessionTimeoutError, KafkaError

from kernel.clock import Clock, SystemClock
from kernel.consume.kafka import Connection, Rebalances, Subscription
from kernel.consume.lag import Lag, Lags
from kernel.consume.member import Member
from kernel.consume.runner import Runner
from kernel.log import LogReader, LogUnavailable, Partition, Record
from kernel.project.reading import explain
from kernel.project.steady import waits
from kernel.store.port import StoreUnavailable

LOOK_SECONDS = 4.0
STOP_SECONDS = 15.0
# A consumer that has neither polled nor folded for so long is taken for dead.
ALIVE_SECONDS = 10.0
STUCK_SECONDS = 30.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """What a consumer knows of itself; ages in seconds."""

    alive: bool
    polled_ago: float
    folding_for: float
    assigned: tuple[Partition, ...]
    unseated: int


class Consumer:
    """A runner on Kafka. Cancelled, `run` leaves the group; it hardly ever ends by itself.

    Its consuming task is watched: cancelled, dead or stuck in a broken client it is replaced, and
    `health` says so meanwhile. Every few seconds it makes sure that the log is still the same.
    """

    def __init__(
        self,
        connection: Connection,
        runner: Runner,
        reader: LogReader,
        clock: Clock | None = None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self.runner = runner
        self._connection, self._reader = connection, reader
        self._clock, self._look_seconds = clock or SystemClock(), look_seconds
        self._lags = Lags(runner.name)
        self._subscription: Subscription | None = None
        self._member: Member | None = None
        self._folding_since: float | None = None

    async def run(self) -> None:
        """Consume until cancelled, through every fault of broker, client and database.

        Raises InvalidSessionTimeoutError: that is no fault that passes, but a setting.
        """
        await self.runner.tidy()
        wait = waits()
        while True:
            try:
                await self._session()
                wait = waits()
                log.error("consumer_died", consumer=self.runner.feed.group)
            except InvalidSessionTimeoutError:
                raise
            except (KafkaError, LogUnavailable) as wrong:
                why = str(wrong) or type(wrong).__name__
                log.warning("log_away", consumer=self.runner.feed.group, why=why)
            except Exception as wrong:  # whatever it is, nobody else would begin again
                log.exception(
                    "consumer_failed", consumer=self.runner.feed.group, error=explain(wrong)
                )
            await asyncio.sleep(min(next(wait), 5.0))

    def health(self) -> Health:
        """How it is."""
        now, subscription = time.monotonic(), self._subscription
        running = subscription is not None and subscription.running
        polled_ago = now - subscription.polled_at if subscription else float("inf")
        folding_for = now - self._folding_since if self._folding_since else 0.0
        return Health(
            alive=running
            and (polled_ago < ALIVE_SECONDS or folding_for > 0)
            and not _is_left_out(subscription),
            polled_ago=polled_ago,
            folding_for=folding_for,
            assigned=tuple(sorted(self.runner.seats)),
            unseated=len(self._member.left_standing) if self._member else 0,
        )

    def alive(self) -> bool:
        """Whether it polls, or folds what it has polled."""
        return self.health().alive

    async def lag(self) -> list[Lag]:
        """How far it is behind, for each of its partitions."""
        now, subscription = await self._clock.now(), self._subscription
        if subscription is None:
            return []
        return [
            self._lags.of(partition, seat, subscription.end(partition), now)
            for partition, seat in sorted(self.runner.seats.items())
        ]

    async def _session(self) -> None:
        """One subscription, from joining to leaving or dying.

        The log is asked before: it says why it cannot be reached, where a group's client does not.
        """
        await self._reader.identity()
        member = Member(self.runner, self._reader.identity, self._seek)
        self._member = member
        self._subscription = Subscription(
            self._connection,
            self.runner.feed.group,
            self.runner.topics,
            self._handle,
            Rebalances(member.assigned, member.revoked),
        )
        try:
            await self._subscription.start()
            await self._watch(self._subscription, member)
        finally:
            await self._end(self._subscription, member)

    async def _watch(self, subscription: Subscription, member: Member) -> None:
        while self._works(subscription):
            await asyncio.sleep(self._look_seconds)
            try:
                await member.look()
            except (StoreUnavailable, LogUnavailable) as away:
                log.warning(
                    "cannot_look", consumer=self.runner.feed.group, error=type(away).__name__
                )
            else:
                if _is_left_out(subscription):
                    return

    def _works(self, subscription: Subscription) -> bool:
        """A poll that never comes back is as dead as a task that has ended."""
        silent = time.monotonic() - max(subscription.polled_at, subscription.started_at)
        stuck = self._folding_since is None and silent > STUCK_SECONDS
        return subscription.running and not stuck

    async def _end(self, subscription: Subscription, member: Member) -> None:
        """A client's stop may hang, or raise CancelledError: neither is ours."""
        stopping = asyncio.create_task(subscription.stop())
        await asyncio.wait([stopping], timeout=STOP_SECONDS)
        stopping.cancel()
        if stopping.done() and not stopping.cancelled() and stopping.exception():
            log.warning("consumer_did_not_stop", consumer=self.runner.feed.group)
        self._subscription = self._member = None
        await member.revoked()

    async def _handle(self, records: Sequence[Record]) -> None:
        self._folding_since = time.monotonic()
        member, subscription = self._member, self._subscription
        try:
            if member and subscription:
                handled = await member.handle(records)
                await subscription.commit(handled.commit)
        except KafkaError as wrong:
            log.debug("not_committed", consumer=self.runner.feed.group, error=type(wrong).__name__)
        finally:
            self._folding_since = None

    def _seek(self, partition: Partition, offset: int) -> None:
        if self._subscription:
            self._subscription.seek(partition, offset)


def _is_left_out(subscription: Subscription | None) -> bool:
    """A client that does not fetch a partition is of no use to it, though it polls the others.

    While the log itself cannot be reached, another client would do no better.
    """
    return subscription is not None and subscription.unfetched_for > STUCK_SECONDS
