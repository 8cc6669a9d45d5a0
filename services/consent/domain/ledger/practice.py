"""What the hub has settled for itself: the editions of its information, how long a yes lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from contracts.fields import EARLIEST
from kernel.decider import State


class Edition(State):
    """A text of the information for participants, in use from a moment on until the next one."""

    version: int
    since: datetime


class Practice(State):
    """The hub's own defaults; an as-of decision finds the edition that was in use then."""

    editions: tuple[Edition, ...] = (Edition(version=1, since=EARLIEST),)
    validity: timedelta = timedelta(days=90)
    checked_within: timedelta = timedelta(days=7)
    usable: timedelta = timedelta(minutes=2)

    def edition(self, moment: datetime) -> int:
        """The version in use at a moment."""
        return max(one.version for one in self.editions if one.since <= moment)

    def published(self, version: int, moment: datetime) -> bool:
        """Whether this version had come out by a moment."""
        return any(one.version == version and one.since <= moment for one in self.editions)


PRACTICE = Practice()
