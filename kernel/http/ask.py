"""A question on its way: who asks, what they may see, and pages of answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from contracts.fields import OrganisationId
from kernel.clock import Clock
from kernel.decider import Actor

if TYPE_CHECKING:
    from kernel.project.port import Document, Documents

T = TypeVar("T")

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class PageWanted:
    """Which page: `cursor` is the `next` of the page before."""

    limit: int
    cursor: UUID | None


def _page_wanted(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="items on a page")] = 50,
    cursor: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
) -> PageWanted:
    return PageWanted(limit, cursor)


Paging = Annotated[PageWanted, Depends(_page_wanted)]


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, and the read models to answer from, of which `view` names the documents."""

    actor: Actor
    hub_org: OrganisationId
    documents: Documents
    view: Callable[[str], str]
    clock: Clock

    @property
    def sees_all(self) -> bool:
        """Whether the caller belongs to the hub, which sees every case."""
        return self.actor.org == self.hub_org

    def sees(self, organisations: Collection[UUID | str]) -> bool:
        """Whether the caller's organisation is the hub or one of these (ids or their text)."""
        return self.sees_all or str(self.actor.org) in {str(one) for one in organisations}

    async def now(self) -> datetime:
        """What time it is for the services."""
        return await self.clock.now()

    async def find(self, projection: str, key: UUID) -> Document | None:
        """One document, from the version of the read model that is live now."""
        return await self.documents.get(self.view(projection), key)

    async def page(
        self, projection: str, where: Mapping[str, object], wanted: PageWanted
    ) -> tuple[list[Document], UUID | None]:
        """Documents whose fields equal these, in key order, and the cursor of the next page."""
        view, limit = self.view(projection), wanted.limit
        found = await self.documents.page(view, where, after=wanted.cursor, limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None


def _question(request: Request) -> Question:
    surface = request.app.state.surface
    return Question(
        request.state.actor,
        surface.hub_org,
        surface.documents,
        surface.live.view,
        surface.clock,
    )


Asked = Annotated[Question, Depends(_question)]


class Page(BaseModel, Generic[T]):
    """Some items, and where the next page begins; `next` is null on the last."""

    model_config = ConfigDict(frozen=True)

    items: tuple[T, ...]
    next: UUID | None = None
