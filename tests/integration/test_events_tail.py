"""`rjhub events tail` on a real broker: what is on the log, once, as a table or as JSON."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import Recorded
from kernel.log import Partition
from kernel.testing.spec import an_id, recorded
from tests.support import eventually
from tests.support_kafka import Publisher, publisher
from tests.support_service import away, site
from tests.unit.reporting.story import SCREENED, agreed_and_lost, requested

ROOT = Path(__file__).parents[2]
STORY = agreed_and_lost()
OTHER = an_id("other case")


@pytest.fixture
async def log(hub_broker: str) -> AsyncIterator[Publisher]:
    async with publisher(hub_broker) as log:
        await log.publish(*STORY.told, request())
        yield log


def request(version: int = 1) -> Recorded:
    event = requested() if version == 1 else SCREENED
    return recorded(event, stream=f"referral-{OTHER}", version=version)


def command(*options: object) -> list[str]:
    return [sys.executable, "-m", "rjhub", "events", "tail", *map(str, options)]


async def tail(broker: str, *options: object) -> list[str]:
    """What it prints until it ends by its limit."""
    argv = command("--kafka", broker, "--from-start", *options)
    process = await asyncio.to_thread(
        subprocess.run, argv, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()


async def objects(broker: str, *options: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in await tail(broker, "--json", *options)]


@contextmanager
def following(broker: str, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    with output.open("wb") as out, output.with_suffix(".err").open("wb") as err:
        argv = command("--kafka", broker, "--json")
        with subprocess.Popen(argv, cwd=ROOT, stdout=out, stderr=err) as process:
            try:
                yield process
            finally:
                process.kill()


async def test_every_event_is_told_with_its_headers_and_data(
    hub_broker: str, log: Publisher
) -> None:
    told = await objects(hub_broker, "-n", len(STORY.told), "--case", STORY.case)
    assert [(one["stream"], int(one["version"])) for one in told] == [
        (one.envelope.stream, one.envelope.version) for one in STORY.told
    ]
    assert told[0]["data"] == json.loads(STORY.told[0].event.model_dump_json())
    assert (told[0]["type"], told[0]["role"]) == ("rj.ReferralRequested.v1", "officer")


async def test_a_table_has_a_line_per_event(hub_broker: str, log: Publisher) -> None:
    heading, line = await tail(hub_broker, "-n", 1, "--case", OTHER)
    assert heading.split()[2:6] == ["event", "place", "role", "case"]
    assert "ReferralRequested.v1" in line
    assert "referral@1" in line
    assert "setting=post_court" in line
    assert str(OTHER) in line


async def test_events_of_some_types_are_told_alone(hub_broker: str, log: Publisher) -> None:
    types = ("--type", "ConsentWithdrawn", "--type", "rj.ReferralAccepted.v1")
    told = await objects(hub_broker, "-n", 2, *types)
    assert {one["type"] for one in told} == {"rj.ConsentWithdrawn.v1", "rj.ReferralAccepted.v1"}


async def test_a_record_that_comes_again_or_is_none_of_ours_is_passed_over(
    hub_broker: str, log: Publisher
) -> None:
    await log.publish(request())
    where = Partition("rj.case", 0)
    for value in (b"\xff", None):
        await log.send(where, value, key=b"nobody's")
    await log.publish(request(2))
    told = await objects(hub_broker, "-n", 2, "--case", OTHER)
    assert [one["version"] for one in told] == ["1", "2"]
    everything = await objects(hub_broker, "-n", len(STORY.told) + 2)
    assert len({(one["stream"], one["version"]) for one in everything}) == len(everything)


async def test_it_follows_the_end_of_the_log_and_ctrl_c_ends_it(
    hub_broker: str, log: Publisher, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    with following(hub_broker, output) as process:
        await eventually(lambda: "Reading the log" in output.with_suffix(".err").read_text())
        await log.publish(request(2))
        newest = await eventually(lambda: [one for one in lines(output) if is_new(one)])
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 10) == 0
    assert lines(output)[-1:] == newest


async def test_a_broker_that_goes_away_is_told_and_so_is_its_return(tmp_path: Path) -> None:
    output = tmp_path / "out"
    said = output.with_suffix(".err")
    with site(tmp_path / "hub", "broker") as place, following(place.file.kafka, output):
        await eventually(lambda: "Reading the log" in said.read_text())
        with away(place, "broker"):
            await eventually(lambda: "The broker does not answer: " in said.read_text())
        await eventually(lambda: "The broker answers again." in said.read_text(), 30)


def lines(output: Path) -> list[dict[str, Any]]:
    whole = output.read_text().rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def is_new(told: dict[str, Any]) -> bool:
    return (told["subject"], told["version"]) == (str(OTHER), "2")


def popen(argv: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)


async def test_a_reader_that_goes_away_ends_it(hub_broker: str, log: Publisher) -> None:
    argv = command("--kafka", hub_broker, "--from-start", "--json")
    process = await asyncio.to_thread(popen, argv)
    with process:
        assert process.stdout
        assert await asyncio.to_thread(process.stdout.readline)
        process.stdout.close()
        await log.publish(request(2), request(3))
        assert await asyncio.to_thread(process.wait, 10) == 0


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--kafka", "127.0.0.1:1", "--user", "analyst"), 2, "--user and --password-file together"),
        (("--kafka", "127.0.0.1:1", "--ca-file", "x"), 2, "--user and --password-file together"),
        (("--kafka", ""), 2, "'' names no brokers; right is: host:port"),
        (
            ("--kafka", "nonsense"),
            2,
            "'nonsense' names no brokers; right is: host:port of",
        ),
        (("--kafka", "one:9092,two"), 2, "'one:9092,two' names no brokers; right is: host:port"),
        (
            ("--kafka", "127.0.0.1:99999"),
            2,
            "'127.0.0.1:99999' names no brokers; right is: ",
        ),
        (("--dir", "nowhere"), 12, "/nowhere. Start one with `rjhub up --dir nowhere`"),
        (("--type", "MeetingHold"), 2, "Did you mean MeetingHeld?"),
        (("--type", "Jane"), 2, "docs/events.md"),
        (("--case", "7"), 2, "uuid"),
    ],
)
def test_what_cannot_be_read_is_said(options: tuple[str, ...], code: int, words: str) -> None:
    assert words.lower() in refused(code, *options).lower()


def test_a_broker_that_does_not_answer_is_named_and_asked_after() -> None:
    said = refused(14, "--kafka", "127.0.0.1:1")
    assert "127.0.0.1:1 by PLAINTEXT: " in said
    assert "Does the broker run?" in said


def refused(code: int, *options: str) -> str:
    """What is said instead of events, with this exit code."""
    argv = command(*options)
    found = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert found.returncode == code
    assert "Traceback" not in found.stderr
    return found.stderr
