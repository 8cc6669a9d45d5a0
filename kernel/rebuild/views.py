"""Which documents answer a question: each version of a read model has a view of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from kernel.project.port import Body, Document, Documents, Lost, Projection, Refused
from kernel.store.port import StoreUnavailable

VIEW = "read_models"
READ_MODELS = uuid5(NAMESPACE_URL, "rj:read-model")


class NotBuilt(Exception):
    """A read model that no view answers for yet: it is being made."""


class Live:
    """The view that this process answers each question from, resolved once per request."""

    def __init__(self, projections: Iterable[Projection] = ()) -> None:
        self._views = {one.name: one.view for one in projections}

    def view(self, name: str) -> str:
        """The view of a read model; raises NotBuilt."""
        try:
            return self._views[name]
        except KeyError:
            raise NotBuilt(name) from None

    def show(self, views: Mapping[str, str | None]) -> None:
        """Answer from these from now on; None: from nothing."""
        self._views = {name: view for name, view in {**self._views, **views}.items() if view}


@dataclass(frozen=True, slots=True)
class Alias:
    """What all processes know of a read model.

    `view` went live last, None where none ever did. `wanted` is the generation that the processes
    of each version are to have, 1 where none is named; `made` the last one of each that there was.
    `accepted` is a view that goes live whatever is different in it. `retired` are those that
    answered before, or were given up.
    """

    name: str
    view: str | None = None
    wanted: Mapping[str, int] = field(default_factory=dict)
    made: Mapping[str, int] = field(default_factory=dict)
    accepted: str | None = None
    retired: tuple[str, ...] = ()

    def target(self, projection: Projection) -> Projection:
        """The projection as its processes are to feed it."""
        return replace(projection, generation=self.wanted.get(projection.version, 1))

    def generation(self, projection: Projection) -> int | None:
        """Which generation of this version went live last; None where that is another version's."""
        made = self.made.get(projection.version, 1)
        each = ((n, replace(projection, generation=n).view) for n in range(1, made + 1))
        return next((n for n, view in each if view == self.view), None)

    def begun(self, projection: Projection) -> Alias:
        """Another generation of this version is wanted."""
        version = projection.version
        made = self.made.get(version, 1) + 1
        return replace(
            self, wanted={**self.wanted, version: made}, made={**self.made, version: made}
        )

    def stopped(self, projection: Projection, live: int) -> Alias:
        """The generation that is live is the one that is wanted again."""
        given_up = self.target(projection).view
        wanted = {**self.wanted, projection.version: live}
        return replace(self, wanted=wanted, retired=(*self.retired, given_up))

    def gone_live(self, view: str) -> Alias:
        """This view answers from now on."""
        before = (self.view,) if self.view and self.view != view else ()
        retired = tuple(one for one in (*self.retired, *before) if one != view)
        return replace(self, view=view, accepted=None, retired=retired)

    def without(self, views: Collection[str]) -> Alias:
        """These are no more."""
        return replace(self, retired=tuple(one for one in self.retired if one not in views))


class Aliases:
    """The aliases of a service's read models, as documents beside those they name."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def of(self, names: Iterable[str]) -> dict[str, Alias]:
        """The alias of each read model; raises StoreUnavailable."""
        keys = {name: uuid5(READ_MODELS, name) for name in names}
        found = await self._documents.load(VIEW, [*keys.values()]) if keys else {}
        return {name: _alias(name, found.get(key)) for name, key in keys.items()}

    async def change(self, name: str, how: Callable[[Alias], Alias]) -> Alias:
        """Store what `how` makes of it, worked out anew if somebody wrote meanwhile.

        Raises StoreUnavailable, after which it may have been stored.
        """
        key = uuid5(READ_MODELS, name)
        while True:
            there = (await self._documents.load(VIEW, [key])).get(key)
            before = _alias(name, there)
            after = how(before)
            if after == before:
                return before
            document = replace(there or Document(key), body=_body(after))
            (result,) = await self._documents.write(VIEW, [document])
            if isinstance(result, Refused):
                raise StoreUnavailable(result.error)
            if not isinstance(result, Lost):
                return after


def _alias(name: str, there: Document | None) -> Alias:
    body: Mapping[str, Any] = there.body if there else {}
    return Alias(
        name=name,
        view=body.get("view"),
        wanted=body.get("wanted", {}),
        made=body.get("made", {}),
        accepted=body.get("accepted"),
        retired=tuple(body.get("retired", ())),
    )


def _body(alias: Alias) -> Body:
    return {
        "name": alias.name,
        "view": alias.view,
        "wanted": dict(alias.wanted),
        "made": dict(alias.made),
        "accepted": alias.accepted,
        "retired": list(alias.retired),
    }
