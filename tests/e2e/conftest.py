"""One whole hub for the end-to-end tests, as `make up` runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rjhub.leftovers import end_leftovers
from tests.support_hub import Hub, start


@pytest.fixture(scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """Left running by every test; `hub.file` has addresses and tokens."""
    hub = start(tmp_path_factory.mktemp("hub") / ".rjhub", "--min-free-mb", "0")
    await hub.ready()
    yield hub
    code = hub.end()
    end_leftovers(hub.folder / "children.json")
    assert code == 0
