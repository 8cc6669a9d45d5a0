"""Why can't I? Each command about a record can be tried without being carried out.

`GET /cases/{case}/can/ScreenReferral` takes the command's fields as query parameters (a nested one
as JSON), `POST` takes them as its JSON body. It is the dry run of the very decider, for the caller,
now or as of a moment.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from kernel.decider import Command, Decision, Refused, Unmet
from kernel.http.problems import Kind, Problem, Wrong
from kernel.http.routes import CommandRoute
from kernel.http.surface import Surface
from kernel.http.trial import Trial
from kernel.http.validation import problem_of

Endpoint = Callable[..., Awaitable[Response]]

PLAIN: tuple[Any, ...] = (UUID, bool, int, datetime, AwareDatetime, Enum)

AsOf = Annotated[
    AwareDatetime | None,
    Query(description="A moment that has passed: could it have gone ahead then?"),
]


class Possible(BaseModel):
    """Whether the command would be accepted; where not, every rule that stands in its way."""

    model_config = ConfigDict(frozen=True)

    can: bool
    unmet: tuple[Unmet, ...] = ()


def path_of(row: CommandRoute) -> str | None:
    """Where it is asked; None for what opens a record, or is more than one command untried."""
    tried_as_it_is = row.through is None and issubclass(row.body, Command)
    if row.subject is None or not (row.tries or tried_as_it_is):
        return None
    record = row.path[: row.path.index("}") + 1]
    return f"{record}/can/{row.name}"


def by_query(row: CommandRoute) -> Endpoint:
    """The endpoint that takes the command's fields as query parameters, a nested one as JSON."""

    async def ask(request: Request, subject: UUID, as_of: AsOf = None, **fields: Any) -> Response:
        body = _body(row, {name: fields[name] for name in request.query_params if name in fields})
        return await _tried(row, request, subject, body, as_of)

    return _described(
        ask, row, [_of_field(name, one) for name, one in row.body.model_fields.items()]
    )


def by_body(row: CommandRoute) -> Endpoint:
    """The endpoint that takes the command as its body."""

    async def ask(request: Request, subject: UUID, body: Any, as_of: AsOf = None) -> Response:
        return await _tried(row, request, subject, body, as_of)

    return _described(ask, row, [_parameter("body", row.body)])


async def _tried(
    row: CommandRoute, request: Request, subject: UUID, body: BaseModel, as_of: datetime | None
) -> Response:
    surface: Surface = request.app.state.surface
    if as_of and as_of > await surface.clock.now():
        raise _not_yet()
    decided = await _decided(
        row, body, Trial(subject, request.state.actor, surface.commands, as_of)
    )
    unmet = decided.unmet if isinstance(decided, Refused) else ()
    answer = Possible(can=not unmet, unmet=unmet)
    return Response(answer.model_dump_json(exclude_defaults=True), 200, None, "application/json")


async def _decided(row: CommandRoute, body: BaseModel, trial: Trial) -> Decision | None:
    if row.tries is not None:
        return await row.tries(body, trial)
    assert isinstance(body, Command)  # noqa: S101  `path_of` lets nothing else in
    return await trial.run(row.decider, trial.subject, body)


def _not_yet() -> Problem:
    wrong = Wrong(field="query.as_of", right="must be a moment that has passed")
    return Problem(Kind.INVALID, "See `errors` for each field and what is right.", errors=(wrong,))


def _body(row: CommandRoute, sent: Mapping[str, Any]) -> BaseModel:
    fields = row.body.model_fields
    nested = {name for name in sent if not _plain(fields[name].annotation)}
    try:
        read = {name: from_json(one) if name in nested else one for name, one in sent.items()}
    except ValueError:
        wrong = Wrong(field=f"query.{min(nested)}", right="must be JSON")
        raise Problem(Kind.INVALID, "See `errors` for each field.", errors=(wrong,)) from None
    try:
        return row.body.model_validate(read)
    except ValidationError as wrong:
        raise problem_of(wrong.errors(), "query") from None


def _described(ask: Endpoint, row: CommandRoute, own: list[inspect.Parameter]) -> Endpoint:
    shared = [
        _parameter("request", Request),
        _parameter("subject", UUID, Path(alias=row.subject)),
        _parameter("as_of", AsOf, None),
    ]
    ask.__name__ = f"can_{row.name}"
    ask.__doc__ = f"{row.body.__doc__}\n\nNothing is recorded: this tells whether it would be."
    ask.__signature__ = inspect.Signature([*shared, *own])  # type: ignore[attr-defined]
    return ask


def _of_field(name: str, field: FieldInfo) -> inspect.Parameter:
    default = ... if field.is_required() else field.get_default()
    kind = field.annotation if _plain(field.annotation) else str
    return _parameter(name, kind, Query(default, description=field.description))


def _parameter(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, annotation=kind, default=default)


def _plain(kind: Any) -> bool:
    kind = getattr(kind, "__supertype__", kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _plain(inner[0])
    if origin in (Union, UnionType):
        return all(one is NoneType or _plain(one) for one in inner)
    if origin is tuple:
        return inner[-1] is Ellipsis and _single(inner[0])
    return _single(kind)


def _single(kind: Any) -> bool:
    kind = getattr(kind, "__supertype__", kind)
    return isinstance(kind, type) and issubclass(kind, PLAIN)
