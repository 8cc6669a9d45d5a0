"""The engines that the tests run on, by `RJHUB_TEST_ENGINES`; the same calls for each of them.

`embedded` (the default) are those of `rjhub up`; `containers` are MongoDB and Apache Kafka as the
compose file names them; `jars` is Apache Kafka from Maven Central, beside the embedded database.
With addresses in `RJHUB_TEST_MONGO` and `RJHUB_TEST_KAFKA` the tests that need no engine of their
own run there, and the others are skipped.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from rjhub import child, engines
from rjhub.child import Running, Spec, free_port
from rjhub.folder import Folder
from rjhub.plan import Plan, make_plan
from tests.engines import containers, jars

OURS = "RJHUB_TEST_"
MONGO, KAFKA = os.environ.get(f"{OURS}MONGO"), os.environ.get(f"{OURS}KAFKA")


@dataclass(frozen=True)
class Engines:
    """How a database and a broker are started on a folder of their own."""

    database: Callable[[Path, int], Spec]
    broker: Callable[[Path, int], Spec]
    brokers: Callable[[Path, list[int]], list[Spec]] | None = None
    running: type[Running] = Running
    prepare: Callable[[], None] | None = None


KINDS = {
    "embedded": Engines(engines.mongod, lambda _, port: engines.broker(port)),
    "containers": Engines(
        containers.database,
        containers.broker,
        containers.brokers,
        containers.Contained,
        containers.prepare,
    ),
    "jars": Engines(engines.mongod, jars.broker, jars.brokers, prepare=jars.prepare),
}
NAME = "addresses" if MONGO and KAFKA else os.environ.get(f"{OURS}ENGINES", "embedded")
EMBEDDED = NAME == "embedded"
# `python -m` this, instead of rjhub, where a hub shall run on these engines.
PROGRAM = "rjhub" if EMBEDDED else "tests.engines.hub"

if NAME not in {*KINDS, "addresses"}:
    raise SystemExit(f"{OURS}ENGINES: {NAME} is none of {', '.join(KINDS)}")
if NAME == "containers":
    containers.name_the_run()


def start_mongod(data: Path, port: int, log: Path | None = None) -> Running:
    """A one-node replica set on a new or kept data folder, as primary."""
    return start(own().database(data, port), log)


def start_broker(port: int, data: Path | None = None) -> Running:
    """A broker; without a folder that it was started with before, it is empty."""
    return start(own().broker(data or _folder() / uuid4().hex, port))


def start(spec: Spec, log: Path | None = None) -> Running:
    """A started engine, once it is ready."""
    return started(child.start(spec, log))


def started(one: Running) -> Running:
    """An engine that was started, as what it is."""
    return own().running(one.name, one.url, one.process)


def brokers(data: Path, count: int) -> list[Spec]:
    """The members of a cluster, on folders of their own."""
    if (members := own().brokers) is None:
        pytest.skip("the embedded broker keeps no copies: there is one of it")
    ports = [free_port() for _ in range(count)]
    return members(data, ports)


def plan_of(folder: Folder, ports: Mapping[str, int]) -> Plan:
    """A hub on these engines; its services are told nothing of the tests' settings."""
    plan = make_plan(folder, ports)
    return replace(
        plan,
        mongod=own().database(folder.database, ports["mongod"]),
        broker=own().broker(folder.database.with_name("broker"), ports["broker"]),
        services=tuple(replace(one, env=_without_ours(one.env)) for one in plan.services),
    )


def environment() -> dict[str, str]:
    """What a hub is started with, whose services would refuse to start with our settings."""
    return _without_ours(os.environ) if EMBEDDED else dict(os.environ)


def prepare() -> None:
    """What is done once, before any worker would do it."""
    if NAME in KINDS and (how := KINDS[NAME].prepare):
        how()


def remove_all() -> None:
    """Whatever a run on containers has left."""
    if NAME == "containers":
        containers.remove_all()


def _without_ours(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not name.startswith(OURS)}


def own() -> Engines:
    """How a test starts engines of its own; skips it where there are only addresses."""
    if NAME == "addresses":
        pytest.skip("needs an engine of its own, to start and end as it likes")
    return KINDS[NAME]


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rjhub-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
