"""The guard at every route: no policy, no entry; then the token, the role, the outer form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from kernel.http.policy import OPEN, Policy, stated
from kernel.http.problems import Kind, Problem
from kernel.http.validation import problem_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Unguarded(Exception):
    """Routes without a policy; the service does not start."""


def unguarded(app: FastAPI) -> list[str]:
    """The addresses that state no policy and are not open by name; must be empty."""
    return [str(getattr(one, "path", one)) for one in app.routes if not _guarded(one)]


def _guarded(route: object) -> bool:
    return isinstance(route, Guarded) and (_open(route) or stated(route.endpoint) is not None)


def _open(route: APIRoute) -> bool:
    return route.path in OPEN and route.methods == {"GET"}


class Guarded(APIRoute):
    """A route that asks for token and role before it reads anything else of the request."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the guard."""
        inner, policy, is_open = super().get_route_handler(), stated(self.endpoint), _open(self)
        known = _query_names(self.dependant)
        body = _body(self)

        async def handle(request: Request) -> Response:
            if not is_open:
                await _admit(request, policy)
            _only_known(request, known)
            if body is not None:
                await _only_well_typed_json(request, body)
            return await inner(request)

        return handle


async def _admit(request: Request, policy: Policy | None) -> None:
    if policy is None:
        raise Problem(Kind.NOT_ALLOWED, "This address has no policy; nobody is admitted.")
    surface = request.app.state.surface
    actor = await surface.tokens.actor(request.headers.getlist("authorization"))
    request.state.actor = actor
    if not policy.admits(actor.role, of_hub=actor.org == surface.hub_org):
        structlog.get_logger(__name__).info("not admitted", role=str(actor.role))
        raise Problem(Kind.NOT_ALLOWED, f"This is for the roles {policy}.")


def _body(route: APIRoute) -> TypeAdapter[Any] | None:
    model = route.body_field and route.body_field.field_info.annotation
    return TypeAdapter(model) if model else None


def _query_names(asked: Dependant) -> set[str]:
    own = {one.alias for one in asked.query_params}
    return own.union(*map(_query_names, asked.dependencies))


def _only_known(request: Request, known: set[str]) -> None:
    if not set(request.query_params) <= known:
        words = f"known here are {', '.join(sorted(known))}" if known else "none is known here"
        raise Problem(Kind.BAD_REQUEST, f"The address has an unknown query parameter; {words}.")


async def _only_well_typed_json(request: Request, body: TypeAdapter[Any]) -> None:
    """The framework would take 1 for true, or a number for a time; the contract does not."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != "application/json":
        raise Problem(Kind.NOT_JSON, "Send the body as `Content-Type: application/json`.")
    try:
        body.validate_json(await request.body(), strict=True)
    except ValidationError as wrong:
        raise problem_of(wrong.errors(), "body") from None
