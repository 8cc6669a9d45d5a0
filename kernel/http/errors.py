"""Which problem answers which exception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kernel.commands import Changed, KeyReused, NotKnown
from kernel.http.problems import Kind, NotFound, Problem
from kernel.http.validation import problem_of
from kernel.project.after import NotYet, Parked
from kernel.rebuild.views import NotBuilt
from kernel.store.port import CommitTooLarge, StoreUnavailable

_RETRY = {"Retry-After": "2"}

_PROBLEMS: dict[type[Exception], Callable[[], Problem]] = {
    NotKnown: NotFound,
    KeyReused: lambda: Problem(
        Kind.KEY_REUSED, "Use a new uuid for another request, the same body for a repetition."
    ),
    Changed: lambda: Problem(Kind.CHANGED, "Read the record again, then decide again."),
    CommitTooLarge: lambda: Problem(Kind.TOO_LARGE, "This would record more than one entry holds."),
    StoreUnavailable: lambda: Problem(
        Kind.UNAVAILABLE, "Repeat it with the same Idempotency-Key.", headers=_RETRY
    ),
    NotBuilt: lambda: Problem(
        Kind.UNAVAILABLE, "What answers this is being made from the log.", headers=_RETRY
    ),
    NotYet: lambda: Problem(
        Kind.NOT_YET, "What `After` names has not arrived here in time; try again.", headers=_RETRY
    ),
    Parked: lambda: Problem(
        Kind.PARKED, "What `After` names is parked; operations must re-drive it first."
    ),
}

_BY_STATUS = {kind.status: kind for kind in reversed(Kind)}


def problem_for(error: Exception) -> Problem | None:
    """The problem that answers this exception; None for one that nobody expected."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return problem_of(error.errors())
    if isinstance(error, HTTPException):
        return _of_the_framework(error)
    return next((make() for kind, make in _PROBLEMS.items() if isinstance(error, kind)), None)


def _of_the_framework(error: HTTPException) -> Problem:
    kind = _BY_STATUS.get(error.status_code, Kind.BAD_REQUEST)
    words = _DETAIL.get(error.status_code, "The request cannot be read.")
    return Problem(kind, words, headers=error.headers)


_DETAIL = {
    404: "There is no such address; those there are stand at /docs.",
    405: "See the header Allow for the methods of this address.",
}


async def answer(request: Request, error: Any) -> Response:
    """The handler of the framework's own exceptions."""
    problem = problem_for(error) or Problem(Kind.INTERNAL, "Report the correlation id.")
    return problem.response(str(request.state.correlation))
