"""Rows of a service's route table: what may be asked, by whom, and what answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from kernel.decider import Command, Decider
from kernel.http.order import Order
from kernel.http.policy import Policy
from kernel.http.trial import Tries

if TYPE_CHECKING:
    from kernel.commands import Accepted
    from kernel.decider import Refused

Through = Callable[[Any, Order], Awaitable["Accepted | Refused"]]
Answer = Callable[..., Awaitable[Any]]

_ID = re.compile(r"{([a-z_]+)}")


class WrongRoute(ValueError):
    """A row of a route table that cannot be served; raised where the table is written."""


@dataclass(frozen=True, slots=True, eq=False)
class CommandRoute:
    """A command over HTTP: its model is the body, the path's one id its subject."""

    path: str
    body: type[BaseModel]
    policy: Policy
    decider: Decider[Any, Any]
    through: Through | None = None
    secrets: tuple[str, ...] = ()
    tries: Tries | None = None
    asks: tuple[str, ...] = ()
    method: str = "POST"

    @property
    def subject(self) -> str | None:
        """The name of the path's id; None where the command opens a stream."""
        found = _ID.search(self.path)
        return found.group(1) if found else None

    @property
    def name(self) -> str:
        """The command's name, as it stands in metrics and documentation."""
        return self.body.__name__


@dataclass(frozen=True, slots=True, eq=False)
class QueryRoute:
    """A question over HTTP; `reads` names the read models that `After` waits for."""

    path: str
    answer: Answer
    policy: Policy
    reads: tuple[str, ...] = ()
    method: str = "GET"

    @property
    def name(self) -> str:
        """The name of the function that answers."""
        return self.answer.__name__


Route = CommandRoute | QueryRoute


def has_place(row: CommandRoute, routes: Iterable[Route]) -> bool:
    """Whether what this command opens can be asked for here, by its id behind the path."""
    place = re.compile(re.escape(row.path) + "/" + _ID.pattern)
    asked = (one.path for one in routes if isinstance(one, QueryRoute))
    return row.subject is None and any(map(place.fullmatch, asked))


def post(
    path: str,
    body: type[BaseModel],
    policy: Policy,
    decider: Decider[Any, Any],
    *,
    through: Through | None = None,
    secrets: tuple[str, ...] = (),
    tries: Tries | None = None,
    asks: tuple[str, ...] = (),
) -> CommandRoute:
    """A command at `path`; a body that is no command of the decider needs `through`.

    `secrets` names files of the secrets folder that `through` reads, `asks` other services that it
    asks; a service that lacks one, or the address of one, does not start. `tries` tells what stands
    in the way of it: without it nobody can ask whether such a request would be accepted.
    """
    if len(_ID.findall(path)) > 1:
        raise WrongRoute(f"{path}: a command has one subject; other ids belong into the body")
    if through is None and not issubclass(body, Command):
        raise WrongRoute(f"{path}: {body.__name__} is not a command; say `through=`")
    if through is None and "{" not in path and body not in decider.opens:
        raise WrongRoute(f"{path}: {body.__name__} opens no stream of {decider.category}")
    return CommandRoute(path, body, policy, decider, through, secrets, tries, asks)


def get(
    path: str, policy: Policy, *, reads: str | tuple[str, ...] = ()
) -> Callable[[Answer], QueryRoute]:
    """Make a typed async function the answer to GET `path`."""
    names = (reads,) if isinstance(reads, str) else reads

    def row(answer: Answer) -> QueryRoute:
        return QueryRoute(path, answer, policy, names)

    return row
