"""What a service gives to be served over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from contracts.envelope import Position
from contracts.fields import OrganisationId
from kernel.clock import Clock, SystemClock
from kernel.commands import Commands
from kernel.http.routes import Route
from kernel.http.status import Measure
from kernel.http.tokens import Tokens
from kernel.observe.health import Check
from kernel.observe.metrics import Metrics
from kernel.peers.port import NoPeers, Peers
from kernel.project.parking import Parking
from kernel.project.port import Documents
from kernel.rebuild.feeding import Feeding
from kernel.rebuild.views import Live
from kernel.settings import PREFIX, Settings, WrongSettings

REQUEST_HASH_KEY = "request-hash.key"

Waiter = Callable[[tuple[Position, ...], tuple[str, ...]], Awaitable[None]]
"""Waits until the named read models have folded these positions; raises NotYet or Parked.

Before a command no read model is named: it waits for whatever the service's streams are fed by.
"""


class MovableClock(Protocol):
    """The development clock."""

    async def now(self) -> datetime:
        """What time it is for the services."""
        ...

    async def move(self, to: datetime) -> None:
        """Move it forwards; raises ValueError for a moment that has passed."""
        ...


@dataclass(frozen=True)
class Surface:
    """The parts that an application is made of; `secrets` holds every key file that is needed."""

    name: str
    version: str
    routes: tuple[Route, ...]
    tokens: Tokens
    hub_org: OrganisationId
    commands: Commands
    documents: Documents
    waiter: Waiter
    secrets: Mapping[str, bytes]
    live: Live = field(default_factory=Live)
    checks: Mapping[str, Check] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    clock: Clock = field(default_factory=SystemClock)
    parking: Parking | None = None
    feeding: Feeding | None = None
    dev_clock: MovableClock | None = None
    peers: Peers = field(default_factory=NoPeers)
    measure: Measure | None = None


def secrets_needed(routes: tuple[Route, ...]) -> tuple[str, ...]:
    """The names of the key files that these routes read."""
    named = {name for row in routes for name in getattr(row, "secrets", ())}
    return tuple(sorted({REQUEST_HASH_KEY, *named}))


def read_addresses(settings: Settings, routes: tuple[Route, ...]) -> dict[str, str]:
    """Where the services are that these routes ask; raises WrongSettings where one is missing."""
    asked = sorted({name for row in routes for name in getattr(row, "asks", ())})
    known = {name: str(url) for name, url in settings.service_urls.items()}
    if missing := [name for name in asked if name not in known]:
        raise WrongSettings(f"{PREFIX}SERVICE_URLS: lacks the address of {', '.join(missing)}")
    return {name: known[name] for name in asked}


def read_secrets(settings: Settings, routes: tuple[Route, ...]) -> dict[str, bytes]:
    """The keys that these routes need; raises WrongSettings for a file that will not do."""
    return {name: settings.key(name) for name in secrets_needed(routes)}
