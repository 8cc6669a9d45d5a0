"""A row of the command table becomes an endpoint: order, execution, answer."""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from fastapi import Path
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import Position
from kernel.commands import Accepted, request_hash
from kernel.commands import Request as CommandRequest
from kernel.decider import Command, Refused
from kernel.http.errors import problem_for
from kernel.http.headers import command_id, etag, expected
from kernel.http.order import Order, Reach
from kernel.http.problems import Kind, Problem
from kernel.http.routes import CommandRoute
from kernel.http.surface import REQUEST_HASH_KEY, Surface
from kernel.observe.metrics import Metrics
from kernel.store.port import Commit

Endpoint = Callable[..., Awaitable[Response]]


class RecordedEvent(BaseModel):
    """An event as it stands on the log."""

    model_config = ConfigDict(frozen=True)

    type: str
    data: dict[str, Any]


class Recorded(BaseModel):
    """What was recorded; `repeated` says that it was by an earlier request with the same key."""

    model_config = ConfigDict(frozen=True)

    stream: str
    version: int
    recorded_at: datetime
    subject: UUID
    events: tuple[RecordedEvent, ...]
    repeated: bool


def endpoint(row: CommandRoute, *, placed: bool) -> Endpoint:
    """An endpoint with the command model as its body and the path's id as the subject.

    `placed`: what it opens can be asked for, so the answer says where.
    """

    async def send(request: Request, body: BaseModel, subject: UUID | None = None) -> Response:
        surface: Surface = request.app.state.surface
        order = _order(row, surface, request, subject, body)
        with _measured(row, surface.metrics) as result:
            answer = await _carried_out(row, order, body)
            result.append(_result(answer))
        return _answered(row, answer, placed=placed)

    send.__name__ = row.name
    send.__doc__ = row.body.__doc__
    send.__signature__ = inspect.Signature(_parameters(row))  # type: ignore[attr-defined]
    return send


def _parameters(row: CommandRoute) -> list[inspect.Parameter]:
    kinds: dict[str, Any] = {"request": Request, "body": row.body}
    given = {name: _parameter(name, kind) for name, kind in kinds.items()}
    if row.subject:
        alias = Path(alias=row.subject)
        given["subject"] = _parameter("subject", UUID).replace(default=alias)
    return list(given.values())


def _parameter(name: str, kind: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)


def _order(
    row: CommandRoute, surface: Surface, request: Request, subject: UUID | None, body: BaseModel
) -> Order:
    actor, path = request.state.actor, row.path
    if subject and row.subject:
        path = path.replace(f"{{{row.subject}}}", str(subject))
    own_id = command_id(actor, f"{row.method} {path}", request.headers)
    about = subject or uuid5(own_id, row.decider.category)
    sent = CommandRequest(
        command_id=own_id,
        request_hash=request_hash(surface.secrets[REQUEST_HASH_KEY], body),
        actor=actor,
        correlation=request.state.correlation,
        traceparent=request.state.traceparent,
        expected=expected(row.decider.stream(about), request.headers),
    )
    secrets = {one: surface.secrets[one] for one in row.secrets}
    reach = Reach(surface.peers, surface.waiter, request.headers.get("authorization", ""))
    return Order(about, sent, surface.commands, secrets, reach)


async def _carried_out(row: CommandRoute, order: Order, body: BaseModel) -> Accepted | Refused:
    if row.through is not None:
        return await row.through(body, order)
    assert isinstance(body, Command)  # noqa: S101  `post` lets nothing else in
    return await order.execute(row.decider, order.subject, body)


def _answered(row: CommandRoute, answer: Accepted | Refused, *, placed: bool) -> Response:
    if isinstance(answer, Refused):
        words = " ".join(one.words for one in answer.unmet)
        raise Problem(Kind.REFUSED, words, unmet=answer.unmet)
    opened = row.subject is None
    headers = {"ETag": etag(Position(answer.stream, answer.version))}
    if placed:
        # Seen from the path it was sent to, in front of which a gateway may have put another.
        headers["Location"] = f"{row.path.rpartition('/')[2]}/{answer.commit.subject}"
    body = _recorded(answer.commit, answer).model_dump_json()
    return Response(body, 201 if opened else 200, headers, "application/json")


def _recorded(commit: Commit, answer: Accepted) -> Recorded:
    return Recorded(
        stream=answer.stream,
        version=answer.version,
        recorded_at=commit.recorded_at,
        subject=commit.subject,
        events=tuple(
            RecordedEvent(type=one.type, data=json.loads(one.data)) for one in commit.events
        ),
        repeated=answer.repeated,
    )


def _result(answer: Accepted | Refused) -> str:
    if isinstance(answer, Refused):
        return "refused"
    return "repeated" if answer.repeated else "accepted"


@contextmanager
def _measured(row: CommandRoute, metrics: Metrics) -> Iterator[list[str]]:
    result: list[str] = []
    began = time.perf_counter()
    try:
        yield result
    except Exception as failed:
        problem = problem_for(failed)
        result.append(problem.kind.name.lower() if problem else "failed")
        raise
    finally:
        labels = (row.decider.category, row.name)
        metrics.command_seconds.labels(*labels).observe(time.perf_counter() - began)
        metrics.commands.labels(*labels, *(result or ["cancelled"])).inc()
