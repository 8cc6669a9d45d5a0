"""One hub of containers for all these tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from rjhub.demo.caller import MOST_CALLS_AT_ONCE, PATIENCE_SECONDS
from rjhub.gateway import behind_gateway
from tests.compose.stack import Stack, a_stack
from tests.support_quarter import Witness


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """With development clock and tokens."""
    stack = a_stack("demo")
    try:
        stack.up("--build")
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="session")
async def witness(stack: Stack) -> AsyncIterator[Witness]:
    """Calls by the gateway, and keeps what was acknowledged in all tests."""
    limits = httpx.Limits(max_connections=MOST_CALLS_AT_ONCE)
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits) as http:
        yield Witness(behind_gateway(stack.address), http)
