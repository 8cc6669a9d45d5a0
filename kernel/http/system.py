"""The addresses every service has: health, metrics, status, description, development clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from contracts.fields import Role
from kernel.http import describe, page
from kernel.http.guard import Guarded
from kernel.http.parked import add_parked_routes
from kernel.http.policy import allow_hub, state
from kernel.http.problems import Kind, Problem, Wrong
from kernel.http.rebuilds import add_rebuild_routes
from kernel.http.status import add_status_route
from kernel.http.surface import MovableClock, Surface
from kernel.observe.health import look_at
from kernel.observe.metrics import CONTENT_TYPE

FIRST = datetime(2015, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)


class ClockSetting(BaseModel):
    """What time it is for the services."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    now: Annotated[AwareDatetime, Field(ge=FIRST, le=LAST)]


def add_system_routes(app: FastAPI, surface: Surface) -> None:
    """Add them; the clock's only where there is a development clock."""
    _measure_checks(surface)
    app.router.routes.extend(_hidden())
    if surface.measure is not None:
        add_status_route(app, surface.name, surface.version, surface.checks, surface.measure)
    if surface.parking is not None:
        add_parked_routes(app, surface.parking)
    if surface.feeding is not None:
        add_rebuild_routes(app, surface.feeding)
    if surface.dev_clock is not None:
        _add_clock(app, surface.dev_clock)


@cache
def _hidden() -> tuple[Guarded, ...]:
    """Undescribed, and the same for every service."""
    answers: dict[str, Callable[..., Any]] = {
        "/health/live": live,
        "/health/ready": ready,
        "/metrics": metrics,
        "/openapi.json": openapi,
        "/docs": docs,
    }
    return tuple(Guarded(path, one, include_in_schema=False) for path, one in answers.items())


def _measure_checks(surface: Surface) -> None:
    """What /health/ready says, among the metrics too."""

    async def look() -> None:
        surface.metrics.show_checks(await look_at(surface.checks))

    surface.metrics.source("checks", look)


async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


async def ready(request: Request) -> Response:
    """Every part works; otherwise a 503 problem that names those that do not."""
    looked = await look_at(request.app.state.surface.checks)
    failed = tuple(Wrong(field=one.name, right=one.wrong) for one in looked if one.wrong)
    if failed:
        words = f"Not ready: {', '.join(one.field for one in failed)}."
        raise Problem(Kind.UNAVAILABLE, words, errors=failed, headers={"Retry-After": "1"})
    checks = {one.name: {"milliseconds": one.milliseconds} for one in looked}
    return JSONResponse({"status": "ready", "checks": checks})


async def metrics(request: Request) -> Response:
    """The metrics, for Prometheus."""
    text = await request.app.state.surface.metrics.exposition()
    return Response(text, media_type=CONTENT_TYPE)


async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(described(request.app))


async def docs(request: Request) -> Response:
    """The OpenAPI document as a page that loads nothing."""
    return page.response(described(request.app))


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = describe.completed(app.openapi())
    return app.openapi_schema


def _add_clock(app: FastAPI, clock: MovableClock) -> None:
    async def read_clock() -> ClockSetting:
        return ClockSetting(now=await clock.now())

    async def move_clock(body: ClockSetting) -> ClockSetting:
        try:
            await clock.move(body.now)
        except ValueError:
            raise Problem(
                Kind.CLOCK_GOES_FORWARDS, "Name a moment that is still to come."
            ) from None
        return ClockSetting(now=await clock.now())

    policy = allow_hub(Role.OPERATIONS)
    for method, answer in (("GET", read_clock), ("PUT", move_clock)):
        app.add_api_route(
            "/dev/clock",
            state(policy, answer),
            methods=[method],
            responses=describe.query_answers(),
            openapi_extra=describe.roles(policy),
        )
