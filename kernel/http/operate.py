"""Routes that are for the hub's operations alone, and answer as questions do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from contracts.fields import Role
from kernel.http import describe
from kernel.http.policy import allow_hub, state

OPERATES = allow_hub(Role.OPERATIONS)


def add_operating_routes(app: FastAPI, answers: Mapping[str, Any]) -> None:
    """Add them by method and path, such as `GET /parked`."""
    for place, answer in answers.items():
        method, _, path = place.partition(" ")
        app.add_api_route(
            path,
            state(OPERATES, answer),
            methods=[method],
            responses=describe.query_answers(),
            openapi_extra=describe.roles(OPERATES),
        )
