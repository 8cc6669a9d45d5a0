"""Builders with sane defaults: envelopes, actors and the moment at which a spec takes place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.envelope import Envelope, Event, Position, Recorded
from contracts.fields import ActorId, OrganisationId, Role
from kernel.decider import Actor

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@cache
def an_id(name: str) -> UUID:
    """An id that is the same for the same name in every run."""
    return uuid5(NAMESPACE_URL, f"rj:{name}")


HUB = OrganisationId(an_id("hub"))
CASE = an_id("case")
COMMAND_ID = an_id("command")


def by(role: Role, org: UUID = HUB, actor: UUID | None = None) -> Actor:
    """Who acts; an actor of the same role is the same person unless another id is given."""
    return Actor(ActorId(actor or an_id(f"actor {role}")), OrganisationId(org), role)


def new_id(name: str) -> UUID:
    """The id that `context.new_id(name)` gives within a spec."""
    return uuid5(COMMAND_ID, name)


def recorded(
    event: Event,
    *,
    stream: str | None = None,
    version: int = 1,
    at: datetime = NOW,
    **fields: Any,
) -> Recorded:
    """An event in its envelope; `fields` set any other field of it.

    `stream` may be a category alone ("consent"); the subject then defaults to `CASE`.
    """
    subject = fields.pop("subject", None) or _subject(stream) or CASE
    category = (stream or "referral").partition("-")[0]
    place = Position(f"{category}-{subject}", version)
    return Recorded(Envelope(**(_defaults(event, place, subject, at) | fields)), event)


def history(*events: Event, stream: str | None = None, first: int = 1) -> tuple[Recorded, ...]:
    """Events in their envelopes as one stream records them, one commit each, a version apart."""
    return tuple(
        recorded(event, stream=stream, version=first + i) for i, event in enumerate(events)
    )


def positions(*texts: str) -> tuple[Position, ...]:
    """Causes as `recorded` takes them, from `<stream>@<version>` texts."""
    return tuple(Position.parse(text) for text in texts)


def of_events(records: Iterable[Recorded]) -> list[Event]:
    """The events alone."""
    return [one.event for one in records]


def _subject(stream: str | None) -> UUID | None:
    subject = (stream or "").partition("-")[2]
    return UUID(subject) if subject else None


def _defaults(event: Event, place: Position, subject: UUID, at: datetime) -> dict[str, Any]:
    actor = by(Role.COORDINATOR)
    return {
        "id": an_id(str(place)),
        "type": event.wire_type(),
        "source": f"/rj/{place.stream.partition('-')[0]}",
        "subject": subject,
        "recorded_at": at,
        "happened_at": at,
        "stream": place.stream,
        "version": place.version,
        "commit": f"{place.stream}@{place.version:010}",
        "place": 1,
        "size": 1,
        "command": an_id(f"command of {place}"),
        "causation": None,
        "correlation": an_id(f"correlation of {subject}"),
        "causes": (),
        "role": actor.role,
        "org": actor.org,
        "actor": actor.id,
        "controller": HUB,
    }
