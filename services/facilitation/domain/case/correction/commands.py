"""What may be said of an entry that was a mistake."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kernel.decider import Command


class CorrectEntry(Command):
    """Say that an earlier entry of this case was a mistake."""

    entry: UUID = Field(description="the id of the mistaken event, as the timeline gives it")
