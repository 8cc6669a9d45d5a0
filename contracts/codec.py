"""From wire type and JSON text to an event: one explicit registry of every event there is."""

from __future__ import annotations

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_json

from contracts import (
    common,
    consent,
    consent_clearance,
    consent_review,
    facilitation,
    referral,
    referral_course,
)
from contracts.envelope import Event
from contracts.upcast import EARLIER, upcast

PUBLISHED: tuple[type[Event], ...] = (
    *common.EVENTS,
    *referral.EVENTS,
    *referral_course.EVENTS,
    *consent.EVENTS,
    *consent_review.EVENTS,
    *consent_clearance.EVENTS,
    *facilitation.EVENTS,
)
STORED: tuple[type[Event], ...] = (*PUBLISHED, *referral.PRIVATE)

_OBJECT = TypeAdapter(dict[str, Any])
_FORM = re.compile(r"rj\.[A-Za-z]{1,60}\.v[0-9]{1,4}")


class UnknownType(ValueError):
    """An event of a type or version that this release does not know."""

    def __init__(self, wire_type: str) -> None:
        shown = wire_type if _FORM.fullmatch(wire_type) else "of such a type; it is not of our form"
        super().__init__(f"this release knows no event {shown}")


class MalformedEvent(ValueError):
    """An event whose data is not of its form; names type and field, never a value."""

    def __init__(self, wire_type: str, wrong: ValidationError) -> None:
        found = wrong.errors(include_input=False, include_context=False, include_url=False)
        super().__init__(f"{wire_type}: {', '.join(map(_problem, found[:5]))}")


def _registry(events: tuple[type[Event], ...]) -> dict[str, type[Event]]:
    known = {event.wire_type(): event for event in events}
    if len(known) != len(events):
        raise ValueError("two events share one wire type")
    return known


_KNOWN = _registry(STORED)


def wire_types() -> frozenset[str]:
    """The types and versions that may stand on the log, earlier ones included."""
    return frozenset(event.wire_type() for event in PUBLISHED) | EARLIER.keys()


def decode(wire_type: str, data: str | bytes) -> Event:
    """Read an event, as its newest version; what a newer producer added is left out.

    Raises UnknownType, or MalformedEvent, which never repeats what was read.
    """
    try:
        if wire_type in EARLIER:
            return _read_earlier(wire_type, data)
        return _model(wire_type).model_validate_json(data, extra="ignore")
    except ValidationError as wrong:
        raise MalformedEvent(wire_type, wrong) from None


def _read_earlier(wire_type: str, data: str | bytes) -> Event:
    newest, changed = upcast(wire_type, _OBJECT.validate_json(data))
    return _model(newest).model_validate_json(to_json(changed), extra="ignore")


def _model(wire_type: str) -> type[Event]:
    model = _KNOWN.get(wire_type)
    if model is None:
        raise UnknownType(wire_type)
    return model


def _problem(error: ErrorDetails) -> str:
    """Field and kind of error; pydantic's own words may quote the value."""
    field = ".".join(map(str, error["loc"])) or "the whole"
    return f"{field} ({error['type']})"
