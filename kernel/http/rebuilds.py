"""Read models that are made anew: list, begin, accept what is different, give up, discard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from kernel.http.operate import add_operating_routes
from kernel.http.problems import Kind, NotFound, Problem
from kernel.rebuild.feeding import Feeding, NoReadModel, NotNow


class ReadModelNamed(BaseModel):
    """A read model, as `GET /rebuilds` names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    read_model: Annotated[str, Field(pattern=r"^[a-z_]{1,60}$", examples=["timeline"])]


class View(BaseModel):
    """A read model, and the view that was asked for."""

    model_config = ConfigDict(frozen=True)

    read_model: str
    view: str


class ReadModelShown(BaseModel):
    """A read model, and which view of it is what."""

    model_config = ConfigDict(frozen=True)

    read_model: str
    answers: str | None = Field(description="the view that went live last; null before any did")
    made: str | None = Field(description="the view that this release makes to take its place")
    kept: tuple[str, ...] = Field(description="views that answered before")


class ReadModels(BaseModel):
    """Every read model of a service."""

    model_config = ConfigDict(frozen=True)

    items: tuple[ReadModelShown, ...]


class Discarded(BaseModel):
    """Views of a read model that are no more."""

    model_config = ConfigDict(frozen=True)

    read_model: str
    views: tuple[str, ...]


def add_rebuild_routes(app: FastAPI, feeding: Feeding) -> None:
    """Add them for the hub's operations."""

    async def list_rebuilds() -> ReadModels:
        aliases = await feeding.aliases()
        made = {name: one.projection.view for name, one in feeding.rebuilds.items()}
        return ReadModels(
            items=tuple(
                ReadModelShown(
                    read_model=name,
                    answers=alias.view,
                    made=made.get(name),
                    kept=alias.retired,
                )
                for name, alias in aliases.items()
            )
        )

    async def begin_rebuild(body: ReadModelNamed) -> View:
        return await _asked(feeding.begin, body)

    async def accept_rebuild(body: ReadModelNamed) -> View:
        return await _asked(feeding.accept, body)

    async def stop_rebuild(body: ReadModelNamed) -> View:
        return await _asked(feeding.stop, body)

    async def discard_kept(body: ReadModelNamed) -> Discarded:
        with _explained():
            views = await feeding.discard(body.read_model)
        return Discarded(read_model=body.read_model, views=tuple(views))

    add_operating_routes(
        app,
        {
            "GET /rebuilds": list_rebuilds,
            "POST /rebuilds/begin": begin_rebuild,
            "POST /rebuilds/accept": accept_rebuild,
            "POST /rebuilds/stop": stop_rebuild,
            "POST /rebuilds/discard": discard_kept,
        },
    )


async def _asked(ask: Callable[[str], Awaitable[str]], body: ReadModelNamed) -> View:
    with _explained():
        return View(read_model=body.read_model, view=await ask(body.read_model))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except NoReadModel:
        raise NotFound from None
    except NotNow as wrong:
        raise Problem(Kind.REFUSED, f"{wrong}.") from None
