"""Which service tells which event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc

from contracts import (
    common,
    consent,
    consent_clearance,
    consent_review,
    facilitation,
    referral,
    referral_course,
)
from contracts.envelope import Event, Topic
from contracts.upcast import UPCASTS, Upcast, newest

KEYS = {
    Topic.CASE: "case id",
    Topic.WORKFORCE: "facilitator or provider id",
    Topic.OFFER: "offer id",
    Topic.FEEDBACK: "feedback id",
    Topic.PRIVATE: "none: it is never relayed",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and the services that tell it."""

    event: type[Event]
    services: tuple[str, ...]

    @property
    def type(self) -> str:
        return self.event.wire_type()

    @property
    def published(self) -> bool:
        return self.event.topic != Topic.PRIVATE

    @property
    def key(self) -> str:
        return KEYS[self.event.topic]

    @property
    def earlier(self) -> tuple[Upcast, ...]:
        """Its earlier versions, which may still stand on the log."""
        return tuple(one for one in UPCASTS if newest(one.old) == self.type)

    @property
    def words(self) -> str:
        """When it happens: the event's docstring, in one paragraph."""
        return re.sub(r"\s+", " ", cleandoc(self.event.__doc__ or ""))


CATALOGUE: tuple[tuple[tuple[str, ...], tuple[type[Event], ...]], ...] = (
    (("referral",), (*referral.EVENTS, *referral_course.EVENTS)),
    (("consent",), (*consent.EVENTS, *consent_review.EVENTS, *consent_clearance.EVENTS)),
    (("facilitation",), facilitation.EVENTS),
    (("consent", "facilitation"), common.NOTED),
    (("referral", "consent", "facilitation"), common.EVERYWHERE),
    (("referral", "consent"), common.TEAM),
    (("referral",), referral.PRIVATE),
)


def entries() -> Iterator[Entry]:
    """Every event there is, the private ones last."""
    for services, events in CATALOGUE:
        for event in events:
            yield Entry(event, services)


def published() -> list[Entry]:
    """The events that may stand on the log."""
    return [entry for entry in entries() if entry.published]
