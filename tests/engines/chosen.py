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
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest

from rjhub import child
from rjhub.child import Running, Spec, free_port
from rjhub.folder import Folder
from rjhub.plan import Plan, make_plan
from tests.engines.kind import Engines

OURS = "RJHUB_TEST_"
MONGO, KAFKA = os.environ.get(f"{OURS}MONGO"), os.environ.get(f"{OURS}KAFKA")


KINDS = ("embedded", "containers", "jars")
NAME = "addresses" if MONGO and KAFKA else os.environ.get(f"{OURS}ENGINES", "embedded")
EMBEDDED = NAME == "embedded"
# `python -m` this, instead of rjhub, where a hub shall run on these engines.
PROGRAM = "rjhub" if EMBEDDED else "tests.engines.hub"

if NAME not in {*KINDS, "addresses"}:
    raise SystemExit(f"{OURS}ENGINES: {NAME} is none of {', '.join(KINDS)}")
# The others stay where they are: a client of Docker takes longer to import than a test to run.
ENGINES: Engines | None = import_module(f"tests.engines.{NAME}").ENGINES if NAME in KINDS else None


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
    if ENGINES:
        ENGINES.prepare()


def remove_all() -> None:
    """Whatever this run has left."""
    if ENGINES:
        ENGINES.remove_all()


def _without_ours(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if not name.startswith(OURS)}


def own() -> Engines:
    """How a test starts engines of its own; skips it where there are only addresses."""
    if ENGINES is None:
        pytest.skip("needs an engine of its own, to start and end as it likes")
    return ENGINES


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rjhub-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
