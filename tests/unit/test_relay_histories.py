"""Random histories of two services on one log, with everything failing: what was promised holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.envelope import Envelope, Position, Topic
from kernel import crash
from kernel.crash import Crashed
from kernel.log import Partition
from kernel.relay.memory import LogFault, MemoryLog
from kernel.relay.memory_leases import OutboxFault
from kernel.relay.relay import Relay
from tests.support_relay import Service, broken_promises, case_in, commit, drain

LANE = 3
HERE = Partition(Topic.CASE, LANE)
CASES = [case_in(LANE, nth) for nth in range(2)]
OUTBOX = ("claim", "settle", "marked", "reopen", "save")
SENDING: list[crash.Point] = ["after_send", "before_mark"]
LOG_FAULTS = [LogFault.AWAY, LogFault.REPLY_LOST, LogFault.TORN]
INTERESTING = {"log.send", "log.sent"} | {f"outbox.{one}" for one in OUTBOX}


class History:
    """Two services with two replicas each; every choice comes from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.trouble = 0.0
        self.log = MemoryLog(faults=self._log_fault, pause=self._interleave)
        self.services = [Service(self.log, "referral"), Service(self.log, "consent")]
        self.relays: dict[tuple[int, int], Relay] = {}
        self.folded: list[set[Position]] = [set(), set()]
        self.stepping: list[tuple[int, int]] = []
        self.logs: list[list[str]] = []
        self.holders = 0
        for service in self.services:
            service.outbox.faults = self._outbox_fault
            service.outbox.pause = self._interleave
        for slot in ((0, 0), (0, 1), (1, 0), (1, 1)):
            self._start(slot)

    def _start(self, slot: tuple[int, int]) -> None:
        self.holders += 1
        self.relays[slot] = self.services[slot[0]].relay(f"holder {self.holders}")

    def _log_fault(self, _: str) -> LogFault | None:
        return self.random.choice(LOG_FAULTS) if self._bad_luck() else None

    def _outbox_fault(self, _: str) -> OutboxFault | None:
        return self.random.choice(list(OutboxFault)) if self._bad_luck() else None

    def _bad_luck(self) -> bool:
        return self.random.random() < self.trouble

    async def _interleave(self, where: str) -> None:
        if (
            self.stepping
            and where in INTERESTING
            and len(self.stepping) < 3
            and self.random.random() < 0.3
        ):
            await self.happen()

    async def happen(self) -> None:
        """One thing happens, perhaps in the middle of another one."""
        kinds = [self._append, self._fold, self._step, self._step, self._step, self._turn_of_fate]
        await self.random.choice(kinds)()

    async def _append(self) -> None:
        index = self.random.randrange(2)
        service, case = self.services[index], self.random.choice(CASES)
        stream = f"{service.name}-{case}"
        head = max(
            (one.last.version for one in service.store.durable() if one.stream == stream), default=0
        )
        near = [one for one in sorted(self.folded[index]) if one.stream.endswith(str(case))]
        causes = self.random.sample(near, min(len(near), self.random.randrange(2)))
        events = self.random.randrange(1, 4)
        service.store.add(
            commit(case, head + 1, service=service.name, events=events, causes=causes)
        )

    async def _fold(self) -> None:
        """A service's consumer reads what is on the log now."""
        found = (Envelope.from_headers(one.headers) for one in self.log.records(HERE))
        self.folded[self.random.randrange(2)] |= {
            Position(one.stream, one.version) for one in found
        }

    async def _step(self) -> None:
        free = [slot for slot in self.relays if slot not in self.stepping]
        if not free:
            return
        slot = self.random.choice(free)
        self.stepping.append(slot)
        try:
            await self.relays[slot].step()
        except Crashed:
            self._start(slot)
        finally:
            self.stepping.remove(slot)

    async def _turn_of_fate(self) -> None:
        service = self.random.choice(self.services)
        match self.random.randrange(8):
            case 0:
                self._note_log()
                self.log.lose()
            case 1 | 2:
                service.lanes.lose(LANE)
            case 3:
                service.timer.seconds += 7
            case 4:
                self._start(self.random.choice(list(self.relays)))
            case _:
                point: crash.Point = self.random.choice(SENDING)
                crash.set_hook(crash.raise_at(point))

    def _note_log(self) -> None:
        self.logs.append(broken_promises(self.log.records(HERE)))

    async def heal_and_drain(self) -> None:
        self.trouble = 0
        crash.set_hook(None)
        self.log.pause = _no_pause
        for service in self.services:
            service.outbox.pause = _no_pause
            service.timer.seconds += 10
        await drain(*self.relays.values(), rounds=500)
        self._note_log()

    def missing(self) -> set[str]:
        found = {Envelope.from_headers(one.headers).commit for one in self.log.records(HERE)}
        return {one.id for service in self.services for one in service.store.durable()} - found


async def _no_pause(_: str) -> None:
    return None


@contextmanager
def _no_hook_left() -> Iterator[None]:
    try:
        yield
    finally:
        crash.set_hook(None)


async def _live(seed: int, trouble: float, length: int) -> History:
    history = History(seed)
    for slot in (0, 0), (1, 0):
        await history.relays[slot].prepare()
    history.trouble = trouble
    for _ in range(length):
        await history.happen()
    await history.heal_and_drain()
    return history


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    trouble=st.sampled_from([0.0, 0.05, 0.2]),
    length=st.integers(5, 60),
)
def test_every_commit_ends_on_the_log_in_order_and_after_its_causes(
    seed: int, trouble: float, length: int
) -> None:
    with _no_hook_left():
        history = asyncio.run(_live(seed, trouble, length))
    assert history.logs == [[]] * len(history.logs)
    assert history.missing() == set()
    assert [service.pending() for service in history.services] == [[], []]
