"""Fixtures on real engines; a test's folder is its marker."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from pymongo import MongoClient
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from rjhub.child import free_port
from tests.engines import chosen
from tests.engines.chosen import start_broker, start_mongod

HERE = Path(__file__).parent
# What a test asks for, or its file imports, if it comes near an engine that is another one here.
BROKER = {"broker", "hub_broker", "start_broker", "cluster", "secured_broker"}
HUB = {"hub", "start", "launch", "site"}
DATABASE = {"mongo_url", "database", "start_mongod"}
OTHERS = {"embedded": set[str](), "jars": BROKER | HUB}.get(chosen.NAME, BROKER | HUB | DATABASE)
KINDS = ("unit", "sim", "contract", "integration", "e2e", "fault", "compose")

# The default draws each exception with all its variables, which takes longer than a test.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


# Most of what a test run makes stays to its end: looking through it takes a fifth of the time.
gc.set_threshold(100_000, 50, 1_000)


def pytest_collection_finish() -> None:
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if OTHERS:
        same = [one for one in items if isinstance(one, pytest.Function) and _is_the_same(one)]
        config.hook.pytest_deselected(items=same)
        items[:] = [one for one in items if one not in same]
    for item in items:
        kind = item.path.relative_to(HERE).parts[0]
        if kind in KINDS:
            item.add_marker(kind)


def _is_the_same(test: pytest.Function) -> bool:
    """Whether the embedded engines have shown all that it can show here."""
    return OTHERS.isdisjoint({*test.fixturenames, *vars(test.module)})


class WholeFiles(LoadScopeScheduling):
    """A worker runs a file from its beginning to its end, and so all that shares a hub's clock."""

    def _split_scope(self, nodeid: str) -> str:
        return "e2e" if nodeid.startswith("tests/e2e/") else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles | None:
    return WholeFiles(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_report_header() -> str:
    only = f"; only tests that name {', '.join(sorted(OTHERS))}" if OTHERS else ""
    return f"engines: {chosen.NAME}{only}"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        chosen.prepare()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """No worker of pytest-xdist ends what the others still use."""
    if not hasattr(config, "workerinput"):
        chosen.remove_all()


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A replica set of one node for the whole run."""
    if chosen.MONGO:
        yield chosen.MONGO
        return
    folder = tmp_path_factory.mktemp("mongod")
    engine = start_mongod(folder / "data", free_port(), folder / "mongod.log")
    yield engine.url
    engine.kill()


@pytest.fixture(scope="session")
def dropping(mongo_url: str) -> Iterator[Callable[[str], object]]:
    """Drops databases beside the tests that follow: each takes a tenth of a second to drop."""
    with MongoClient[dict[str, object]](mongo_url) as client, ThreadPoolExecutor(1) as beside:
        yield lambda name: beside.submit(client.drop_database, name)


@pytest.fixture
def database(dropping: Callable[[str], object]) -> Iterator[str]:
    """The name of a database of this test's own, dropped after it."""
    name = f"t{uuid4().hex[:20]}"
    yield name
    dropping(name)


@pytest.fixture(scope="session")
def apache_kafka() -> Iterator[str]:
    """The address of a broker that takes long to start, for the whole run."""
    if chosen.KAFKA:
        yield chosen.KAFKA
        return
    engine = start_broker(free_port())
    yield engine.url
    engine.kill()


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a broker without topics, which nobody else uses meanwhile."""
    if not chosen.EMBEDDED:
        from tests.engines.kafka import emptied

        yield emptied(request.getfixturevalue("apache_kafka"))
        return
    engine = start_broker(free_port())
    yield engine.url
    engine.kill()


@pytest.fixture
def hub_broker(broker: str) -> str:
    """The address of a broker that has the hub's topics."""
    from tests.engines.kafka import with_topics

    return with_topics(broker)
