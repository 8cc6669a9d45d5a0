"""The application of a service: its routes behind the guard, inside the front."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from kernel.http import can, commands, describe
from kernel.http.errors import answer
from kernel.http.front import Front
from kernel.http.guard import Guarded, Unguarded, unguarded
from kernel.http.headers import after
from kernel.http.limits import BodyLimit
from kernel.http.policy import state
from kernel.http.routes import CommandRoute, QueryRoute, Route, has_place
from kernel.http.surface import Surface
from kernel.http.system import add_system_routes

_QUIET: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def application(surface: Surface) -> FastAPI:
    """The service as an ASGI application; raises Unguarded for a route without a policy."""
    app = FastAPI(
        title=f"Restorative Justice Hub: {surface.name}",
        version=surface.version,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=_QUIET,
        exception_handlers={RequestValidationError: answer, HTTPException: answer},
    )
    app.state.surface = surface
    app.router.route_class = Guarded
    for row in surface.routes:
        placed = isinstance(row, CommandRoute) and has_place(row, surface.routes)
        app.router.routes.extend(_routes(row, placed))
    add_system_routes(app, surface)
    app.add_middleware(BodyLimit)
    app.add_middleware(Front, metrics=surface.metrics)
    if missing := unguarded(app):
        raise Unguarded(f"no policy is stated for {', '.join(missing)}")
    return app


@cache
def _routes(row: Route, placed: bool) -> tuple[Guarded, ...]:
    """They hold nothing of a service: whatever serves this row shares them."""
    if isinstance(row, CommandRoute):
        return (_command(row, placed=placed), *_can(row))
    return (_query(row),)


def _command(row: CommandRoute, *, placed: bool) -> Guarded:
    return Guarded(
        row.path,
        state(row.policy, commands.endpoint(row, placed=placed)),
        methods=[row.method],
        dependencies=[Depends(_waits(()))],
        status_code=200 if row.subject else 201,
        response_model=commands.Recorded,
        responses=describe.command_answers(row, placed=placed),
        openapi_extra=describe.command_extra(row),
        summary=describe.words_of(row.name),
    )


def _can(row: CommandRoute) -> Iterator[Guarded]:
    path = can.path_of(row)
    if path is None:
        return
    ways = {"POST": can.by_body(row), "GET": can.by_query(row)}
    for method, endpoint in ways.items():
        yield Guarded(
            path,
            state(row.policy, endpoint),
            methods=[method],
            dependencies=[Depends(_waits(()))],
            response_model=can.Possible,
            responses=describe.query_answers(),
            openapi_extra=describe.can_extra(row, method),
            summary=f"Can I: {describe.words_of(row.name).lower()}?",
        )


def _query(row: QueryRoute) -> Guarded:
    return Guarded(
        row.path,
        state(row.policy, row.answer),
        methods=[row.method],
        dependencies=[Depends(_waits(row.reads))],
        responses=describe.query_answers(),
        openapi_extra=describe.roles(row.policy),
        summary=describe.words_of(row.name),
    )


def _waits(reads: tuple[str, ...]) -> Callable[..., Awaitable[None]]:
    async def wait(request: Request, after_: _After = None) -> None:
        if positions := after(request.headers):
            await request.app.state.surface.waiter(positions, reads)

    return wait


_After = Annotated[
    str | None,
    Header(
        alias="After",
        description="`<stream>@<version>` of earlier answers, or their ETags, separated by commas: "
        "waits until these are known here, for up to 5 seconds.",
    ),
]
