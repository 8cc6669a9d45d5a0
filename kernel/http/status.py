"""How one replica of a service is, for the hub's operations: what waits, and since when."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from kernel.http.operate import add_operating_routes
from kernel.http.problems import Wrong
from kernel.observe.health import Check, look_at


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Sending(_Shown):
    """The way to the log."""

    replicas: int = Field(description="how many replicas share the lanes")
    lanes: int = Field(description="how many of them this one has")
    commits: int = Field(description="not yet known to stand on the log, of the whole service")
    again: int = Field(0, description="of them: were on a log of which another took the place")
    oldest_seconds: float = Field(
        description="how long one of them waits: since it was recorded or, published again, since "
        "another log was found"
    )
    streams_parked: int = Field(description="held back because the log refuses a record of theirs")
    waiting_for_causes: int


class Reading(_Shown):
    """The way from the log, for the partitions that this replica has."""

    partitions: int
    of: int = Field(description="how many there are for all replicas together")
    events: int = Field(description="on the log and not yet folded here")
    seconds: float = Field(description="how far behind the last of these partitions is")


class Rebuilding(_Shown):
    """A read model that is made anew, as far as this replica knows."""

    read_model: str
    view: str
    stage: str = Field(description="`folding`, `comparing`, or `different` from what answers now")
    partitions: int
    events: int = Field(description="on the log and not yet folded here")
    seconds: float = Field(description="how far behind the last of these partitions is")
    parked: int = Field(description="events that wait for it, of the whole service")
    compared: int = Field(description="documents, where this replica compares them")
    different: int = Field(description="of those")
    examples: tuple[str, ...] = Field(description="some of them, each with what is different")


class Figures(_Shown):
    """What is measured; null is what the service has not, or what `lacking` names."""

    sending: Sending | None = None
    reading: Reading | None = None
    parked: dict[str, int] | None = Field(
        None,
        description="events parked, by read model or policy; by service, records nobody can read",
    )
    rebuilds: tuple[Rebuilding, ...] | None = Field(
        None, description="read models that are made anew"
    )
    clock_ahead_seconds: float | None = Field(
        None, description="the machine's clock against the database's; behind is below zero"
    )
    lacking: tuple[str, ...] = Field(
        (), description="figures that should be here and were not to be had; `wrong` may tell why"
    )


class ReplicaStatus(Figures):
    """How one replica is."""

    service: str
    release: str
    replica: str
    wrong: tuple[Wrong, ...] = Field(description="the parts that do not work")


Measure = Callable[[], Awaitable[Figures]]


def add_status_route(
    app: FastAPI, service: str, release: str, checks: Mapping[str, Check], measure: Measure
) -> None:
    """Add it for the hub's operations."""

    async def show_status() -> ReplicaStatus:
        looked = await look_at(checks)
        return ReplicaStatus(
            service=service,
            release=release,
            replica=f"{socket.gethostname()}/{os.getpid()}",
            wrong=tuple(Wrong(field=one.name, right=one.wrong) for one in looked if one.wrong),
            **dict(await measure()),
        )

    add_operating_routes(app, {"GET /status": show_status})
