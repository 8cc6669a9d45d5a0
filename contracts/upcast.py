"""How events of earlier versions are read: each step turns one version into the next.

The log and the stores keep what was written; only the reader sees the newer form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upcast:
    """One step: from the data of an earlier version to that of a later one."""

    old: str
    new: str
    words: str
    """How the earlier version differs, for those who find it on the log."""
    change: Callable[[Json], Json]


def _why_it_ended_was_not_asked(data: Json) -> Json:
    return {**data, "cause": "not_recorded"}


UPCASTS: tuple[Upcast, ...] = (
    Upcast(
        "rj.RepresentativeEnded.v1",
        "rj.RepresentativeEnded.v2",
        "It did not say the cause; it is read as `not_recorded`.",
        _why_it_ended_was_not_asked,
    ),
)
EARLIER: Mapping[str, Upcast] = {one.old: one for one in UPCASTS}


def upcast(wire_type: str, data: Json) -> tuple[str, Json]:
    """The event in its newest version; one that has no later version stays as it is."""
    while step := EARLIER.get(wire_type):
        wire_type, data = step.new, step.change(data)
    return wire_type, data


def newest(wire_type: str) -> str:
    """The version as which events of this type are read."""
    while step := EARLIER.get(wire_type):
        wire_type = step.new
    return wire_type
