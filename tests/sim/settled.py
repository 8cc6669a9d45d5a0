"""Whether a simulated hub has nothing left to do; and if not, what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from contracts.envelope import Topic
from kernel.project.port import Document, Projection
from kernel.testing.simulate.databases import Databases
from kernel.testing.simulate.replica import Replica
from kernel.testing.simulate.world import World

Head = tuple[str, str, int]


def unsettled(world: World, spared: Collection[UUID] = ()) -> list[str]:
    """What is not published, not folded, or not sent yet; `spared` cases do not count."""
    return list(_unpublished(world)) or list(_behind(world, spared))


def _unpublished(world: World) -> Iterator[str]:
    """A log that was lost just now, which nobody has noticed yet, has nothing on it."""
    held = world.records().values()
    there = {value for records in held for one in records for _, value in one.headers}
    for databases in world.databases.values():
        waiting = {one.id for one in databases.pending()}
        for one in databases.commits.durable():
            lost = one.topic != Topic.PRIVATE and one.id.encode() not in there
            if lost or one.id in waiting:
                yield f"{one.id} is not published"


def _behind(world: World, spared: Collection[UUID]) -> Iterator[str]:
    """A spared case may stand still where it says so: parked, with what waits in the queue."""
    heads = list(_heads(world))
    yield from (f"{one} has not started" for one, its in world.replicas.items() if not _up(its))
    for databases, projection in _views(world):
        documents = databases.documents.all(projection.view)
        queued = {one.document for one in databases.queue.all() if one.view == projection.view}
        for key, stream, version in _fed(projection, heads):
            document = documents.get(key) or Document(key)
            at = document.folded.get(stream, 0)
            if at < version and not (key in spared and document.parked and key in queued):
                yield f"{projection.name} of {stream} is at {at}/{version}"
        for key, document in documents.items():
            if document.body.get("todo") and key not in spared:
                yield f"{projection.name} of {key} has something to send"


def _up(replicas: Collection[Replica]) -> bool:
    """Whether any of them could be asked something, whichever a caller meets."""
    return bool(replicas) and all(one.parts for one in replicas)


def _heads(world: World) -> Iterator[Head]:
    """Topic, stream and last version of everything that was recorded."""
    for databases in world.databases.values():
        for one in databases.commits.durable():
            yield one.topic, one.stream, one.last.version


def _views(world: World) -> Iterator[tuple[Databases, Projection]]:
    for name in world.services:
        parts = next((one.parts for one in world.replicas[name] if one.parts), None)
        for projection in parts.projections if parts else ():
            yield world.databases[name], projection


def _fed(projection: Projection, heads: Iterable[Head]) -> Iterator[tuple[UUID, str, int]]:
    for topic, stream, version in heads:
        key = projection.key(stream) if topic in projection.topics else None
        if key is not None:
            yield key, stream, version
