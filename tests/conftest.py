"""Fixtures on real engines; a test's folder is its marker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from pymongo import MongoClient

from rjhub.child import free_port
from rjhub.engines import start_broker, start_mongod
from rjhub.topics import create_topics

HERE = Path(__file__).parent
KINDS = ("unit", "sim", "contract", "integration", "e2e", "fault")

# The default draws each exception with all its variables, which takes longer than a test.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        kind = item.path.relative_to(HERE).parts[0]
        if kind in KINDS:
            item.add_marker(kind)


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A replica set of one node for the whole run."""
    folder = tmp_path_factory.mktemp("mongod")
    engine = start_mongod(folder / "data", free_port(), folder / "mongod.log")
    yield engine.url
    engine.kill()


@pytest.fixture
def database(mongo_url: str) -> Iterator[str]:
    """The name of a database of this test's own, dropped after it."""
    name = f"t{uuid4().hex[:20]}"
    yield name
    with MongoClient[dict[str, object]](mongo_url) as client:
        client.drop_database(name)


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of an empty broker of this test's own, without topics."""
    engine = start_broker(free_port())
    yield engine.url
    engine.kill()


@pytest.fixture
def hub_broker(broker: str) -> str:
    """The address of a broker that has the hub's topics."""
    create_topics(broker)
    return broker
