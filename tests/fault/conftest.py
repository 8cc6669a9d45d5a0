"""A hub whose processes may be killed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rjhub.leftovers import end_leftovers
from tests.support_hub import Hub, start


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    hub = start(tmp_path_factory.mktemp("killed") / ".rjhub", "--min-free-mb", "0")
    await hub.ready()
    yield hub
    code = hub.end()
    end_leftovers(hub.folder / "children.json")
    assert code == 0
