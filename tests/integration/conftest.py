"""A broker with users, for all tests here that want one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rjhub.child import HubError
from tests.engines import chosen
from tests.engines.secure import Secured, secured
from tests.support_rights import ELSEWHERE


@pytest.fixture(scope="session")
def secured_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Apache Kafka from its jars, told what the compose overlay tells it."""
    if chosen.EMBEDDED:
        pytest.skip("the embedded broker knows no users")
    try:
        with secured(tmp_path_factory.mktemp("secured")) as found:
            with found.admin() as admin:
                admin.create_topics({ELSEWHERE: {"num_partitions": 1, "replication_factor": 1}})
            yield found
    except HubError as missing:
        pytest.skip(str(missing))
