"""Events on their way into a commit: encoded once, for the store and the log alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from contracts.envelope import Event
from kernel.store.port import StoredEvent


def encode(
    events: Sequence[Event], stream: str, command_id: UUID, happened_at: datetime
) -> tuple[StoredEvent, ...]:
    """The events of one command; each id is the same whenever the command is decided again."""
    return tuple(
        StoredEvent(
            id=uuid5(command_id, f"{stream}/{place}"),
            type=event.wire_type(),
            happened_at=happened_at,
            data=event.model_dump_json(),
        )
        for place, event in enumerate(events, start=1)
    )
