"""Problem answers (RFC 9457): every error in one shape, in words that never hold the input."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from kernel.decider import Unmet

MEDIA_TYPE = "application/problem+json"


class Kind(Enum):
    """What can go wrong, with its status and title."""

    BAD_REQUEST = (400, "The request is malformed")
    NOT_SIGNED_IN = (401, "A valid token is needed")
    NOT_ALLOWED = (403, "Your role may not do this")
    NOT_FOUND = (404, "There is nothing here for you")
    METHOD_NOT_ALLOWED = (405, "This address does not take that method")
    TOO_SLOW = (408, "The request did not arrive in time")
    REFUSED = (409, "A rule stands in the way")
    PARKED = (409, "An event of this record waits to be repaired")
    CLOCK_GOES_FORWARDS = (409, "The clock only goes forwards")
    CHANGED = (412, "The record has changed since you read it")
    TOO_LARGE = (413, "The request is too large")
    NOT_JSON = (415, "The body must be JSON")
    INVALID = (422, "Some fields are not right")
    KEY_REUSED = (422, "This Idempotency-Key was used for another request")
    INTERNAL = (500, "Something went wrong on our side")
    UNAVAILABLE = (503, "The service cannot answer right now")
    NOT_YET = (504, "What you wait for is not here yet")

    def __init__(self, status: int, title: str) -> None:
        self.status = status
        self.title = title

    @property
    def uri(self) -> str:
        """The `type` of the problem, stable for programs."""
        return f"urn:rjhub:problem:{self.name.lower().replace('_', '-')}"


class Wrong(BaseModel):
    """One field and what would be right for it; never what was sent."""

    model_config = ConfigDict(frozen=True)

    field: str
    right: str


class ProblemBody(BaseModel):
    """The body of every answer that is not a success."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    correlation_id: str | None = None
    errors: tuple[Wrong, ...] = ()
    unmet: tuple[Unmet, ...] = ()


class Problem(Exception):
    """Answer with a problem; `detail` says what to do and holds nothing of the input."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: tuple[Wrong, ...] = (),
        unmet: tuple[Unmet, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.unmet = unmet
        self.headers = dict(headers or {})

    def response(self, correlation: str | None = None) -> Response:
        """The answer, as `application/problem+json`."""
        body = ProblemBody(
            type=self.kind.uri,
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            correlation_id=correlation,
            errors=self.errors,
            unmet=self.unmet,
        )
        text = body.model_dump_json(exclude_defaults=True)
        return Response(text, self.kind.status, self.headers, MEDIA_TYPE)


class NotFound(Problem):
    """The same answer for what does not exist and for what the caller may not see."""

    def __init__(self) -> None:
        super().__init__(Kind.NOT_FOUND, "No such record, or not one that your organisation sees.")
