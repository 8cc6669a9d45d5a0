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
    running: type[Running] = Running


KINDS = {
    "embedded": Engines(engines.mongod, lambda _, port: engines.broker(port)),
    "containers": Engines(containers.database, containers.broker, containers.Contained),
    "jars": Engines(engines.mongod, jars.broker),
}
NAME = "addresses" if MONGO and KAFKA else os.environ.get(f"{OURS}ENGINES", "embedded")
EMBEDDED = NAME == "embedded"
# `python -m` this, instead of rjhub, where a hub shall run on these engines.
PROGRAM = "rjhub" if EMBEDDED else "tests.engines.hub"


if NAME == "containers":
    containers.name_the_run()


def start_mongod(data: Path, port: int, log: Path | None = None) -> Running:
    """A one-node replica set on a new or kept data folder, as primary."""
    return start(_chosen().database(data, port), log)


def start_broker(port: int, data: Path | None = None) -> Running:
    """A broker; without a folder that it was started with before, it is empty."""
    return start(_chosen().broker(data or _folder() / f"broker-{free_port()}", port))


def start(spec: Spec, log: Path | None = None) -> Running:
    """A started engine, once it is ready."""
    running = child.start(spec, log, spec.patience)
    return _chosen().running(running.name, running.url, running.process)


def plan_of(folder: Folder, ports: Mapping[str, int]) -> Plan:
    """A hub on these engines; its services are told nothing of the tests' settings."""
    plan = make_plan(folder, ports)
    return replace(
        plan,
        mongod=_chosen().database(folder.database, ports["mongod"]),
        broker=_chosen().broker(folder.database.with_name("broker"), ports["broker"]),
        services=tuple(replace(one, env=_without_ours(one.env)) for one in plan.services),
    )


def remove_all() -> None:
    """Whatever a run on containers has left."""
    if NAME == "containers":
        containers.remove_all()


def _without_ours(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not name.startswith(OURS)}


def _chosen() -> Engines:
    if NAME == "addresses":
        pytest.skip("needs an engine of its own, to start and end as it likes")
    return KINDS[NAME]


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rjhub-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
