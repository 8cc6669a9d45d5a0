"""A service in plain sight: its deciders, policies, projections and routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.envelope import Event
    from kernel.decider import Decider
    from kernel.http.routes import Route
    from kernel.process.policy import Policy
    from kernel.project.port import Projection


@dataclass(frozen=True)
class Service:
    """What a service is; `kernel.run` runs it.

    `decode` reads an event of the published language from its wire type and JSON text.
    """

    name: str
    decode: Callable[[str, str], Event]
    routes: tuple[Route, ...]
    deciders: tuple[Decider[Any, Any], ...] = ()
    policies: tuple[Policy[Any], ...] = ()
    projections: tuple[Projection, ...] = ()
