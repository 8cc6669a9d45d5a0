"""A caller who repeats what got no answer, under the same key, and knows how long a call took."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import httpx
import stamina

from kernel import tls
from rjhub.client import Client
from rjhub.hubfile import Reach

PATIENCE_SECONDS = 60
MOST_CALLS_AT_ONCE = 32
NOT_NOW = frozenset({httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT})


class NotNow(Exception):
    """The hub could not answer at this moment; what was asked may be asked again."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.status_code} {answer.text}")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was answered."""

    service: str
    seconds: float


@dataclass
class Caller(Client):
    """Makes the calls of a play."""

    calls: list[Call] = field(default_factory=list)

    async def tell(
        self, service: str, *what: Any, key: UUID | None = None, **how: Any
    ) -> httpx.Response:
        """Send a command until it is answered."""
        key, tell = key or uuid4(), super().tell
        return await self.until_answered(service, lambda: tell(service, *what, key=key, **how))

    async def ask(self, service: str, *what: Any, **how: Any) -> httpx.Response:
        """Ask a question until it is answered."""
        ask = super().ask
        return await self.until_answered(service, lambda: ask(service, *what, **how))

    async def until_answered(
        self, service: str, call: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        """Make a call that may be repeated, until it is answered."""
        began = monotonic()
        answer = await PATIENTLY(_now, call)
        self.calls.append(Call(service, monotonic() - began))
        return answer


async def _now(call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    answer = await call()
    if answer.status_code in NOT_NOW:
        raise NotNow(answer)
    return answer


PATIENTLY = stamina.AsyncRetryingCaller(
    attempts=None,
    timeout=PATIENCE_SECONDS,
    wait_max=2,  # as `Retry-After` says
).on((NotNow, httpx.TransportError))


@asynccontextmanager
async def calling(hub: Reach) -> AsyncIterator[Caller]:
    """A caller of this hub, who keeps so many connections."""
    limits = httpx.Limits(max_connections=MOST_CALLS_AT_ONCE)
    verify = tls.may_be_spoken(hub.services.values())
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits, verify=verify) as http:
        yield Caller(hub, http)
