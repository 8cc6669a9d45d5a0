"""The sample subscriber on a real broker: killed and started again, it counts each event once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from contracts.envelope import Recorded
from contracts.referral_course import CaseResumed
from kernel.testing.spec import recorded
from tests.support import eventually
from tests.support_kafka import publisher
from tests.unit.reporting.story import SCREENED, requested

SCRIPT = Path(__file__).parents[2] / "examples" / "subscriber.py"


def case(length: int) -> list[Recorded]:
    """A stream of so many events."""
    stream = f"referral-{uuid4()}"
    told = [requested(), SCREENED, *([CaseResumed()] * length)][:length]
    return [recorded(one, stream=stream, version=n) for n, one in enumerate(told, 1)]


@contextmanager
def subscriber(broker: str, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The script in a process of its own, killed at the end."""
    with subprocess.Popen([sys.executable, SCRIPT, broker, file]) as process:
        try:
            yield process
        finally:
            process.kill()


def counts(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as store:
        try:
            return dict(store.execute("SELECT type, n FROM counts"))
        except sqlite3.OperationalError:
            return {}


def of(events: list[Recorded]) -> dict[str, int]:
    return dict(Counter(one.envelope.type for one in events))


async def test_a_subscriber_that_is_killed_and_restarted_counts_each_event_once(
    hub_broker: str, tmp_path: Path
) -> None:
    file, first = tmp_path / "seen.sqlite", case(200)
    async with publisher(hub_broker) as log:
        with subscriber(hub_broker, file):
            await log.publish(*first)
            await eventually(lambda: counts(file))
        later = [one for _ in range(5) for one in case(40)]
        await log.publish(*first[:50], *later, *first[150:])
        with subscriber(hub_broker, file):
            await eventually(lambda: counts(file) == of(first + later), 20)
        with subscriber(hub_broker, file):
            last = case(3)
            await log.publish(*last)
            await eventually(lambda: counts(file) == of(first + later + last), 20)


async def test_a_subscriber_that_is_killed_while_it_reads_loses_and_doubles_nothing(
    hub_broker: str, tmp_path: Path
) -> None:
    file, events = tmp_path / "seen.sqlite", [one for _ in range(30) for one in case(100)]
    async with publisher(hub_broker) as log:
        await log.publish(*events)
    for part in range(500, 3001, 500):
        with subscriber(hub_broker, file):
            await eventually(partial(has_counted, file, part), 20)
    assert counts(file) == of(events)


def has_counted(file: Path, least: int) -> bool:
    return sum(counts(file).values()) >= least


def test_without_arguments_it_says_how_it_is_run() -> None:
    argv = [sys.executable, str(SCRIPT)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stderr.startswith("Count events by type: python examples/subscriber.py BROKER FILE")
    assert "Traceback" not in done.stderr


def test_it_stays_short_enough_to_be_read_at_once() -> None:
    assert len(SCRIPT.read_text().splitlines()) < 40
