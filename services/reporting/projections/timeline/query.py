"""The answer to: what happened in this case, and why?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.codec import decode
from contracts.envelope import Event
from contracts.fields import Role
from kernel.project.port import Body, Document
from services.reporting.projections.timeline.words import PERSONAL, Who, words


class TimelineEntry(BaseModel):
    """One event in plain words."""

    model_config = ConfigDict(frozen=True)

    event: UUID
    words: str
    cause: str | None = Field(description="the event that caused it, where one did")
    happened_at: datetime
    recorded_at: datetime
    role: Role = Field(description="who did it; `system` where a policy did")
    organisation: UUID
    actor: UUID | None = Field(
        description="the id of who did it; left out where version 1 of the read model answers"
    )
    participant_id: UUID | None = Field(
        description="whom it is about, where it is about one person"
    )
    type: str
    stream: str
    version: int


def timeline(found: Document, *, with_personal: bool) -> tuple[TimelineEntry, ...]:
    """All events in order, with what single people said or without."""
    who = _who(found.body["people"])
    told = [(entry, decode(entry["type"], entry["data"])) for entry in found.body["entries"]]
    shown = [(e, event) for e, event in told if with_personal or type(event) not in PERSONAL]
    said = {entry["id"]: words(event, who) for entry, event in shown}
    firsts = {entry["commit"]: entry["id"] for entry, _ in shown if entry["place"] == 1}
    return tuple(_shown(entry, event, said, _cause(entry, firsts)) for entry, event in shown)


def _cause(entry: Body, firsts: Mapping[str, UUID]) -> UUID | None:
    """What a policy reacted to; or, of what follows in a commit, the event that it began with."""
    return entry["causation"] if entry["place"] == 1 else firsts.get(entry["commit"])


def _shown(
    entry: Body, event: Event, said: Mapping[UUID, str], cause: UUID | None
) -> TimelineEntry:
    return TimelineEntry(
        event=entry["id"],
        words=said[entry["id"]],
        cause=said.get(cause) if cause else None,
        participant_id=getattr(event, "participant_id", None),
        actor=entry.get("actor"),
        **{name: entry[name] for name in _COPIED},
    )


_COPIED = ("happened_at", "recorded_at", "role", "organisation", "type", "stream", "version")


def _who(people: Mapping[str, str]) -> Who:
    counts = Counter(people.values())

    def who(participant_id: UUID) -> str:
        role = people.get(str(participant_id))
        if role is None:
            return "somebody"
        return f"the {role}" if counts[role] == 1 else f"one {role}"

    return who
