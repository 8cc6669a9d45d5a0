"""From raw records to events, or to the reason why not, which never holds a payload value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from traceback import extract_tb

from pydantic import ValidationError

from contracts.envelope import Envelope, Event, Position, Recorded
from kernel.log import Record
from kernel.project.port import Why
from kernel.store.port import StoreUnavailable

Decode = Callable[[str, str], Event]

LARGEST_VERSION = 2**31


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an event cannot be folded, in words that hold names only."""

    why: Why
    error: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record whose envelope is known; `recorded` is missing where there is a fault."""

    record: Record
    log: str
    envelope: Envelope
    recorded: Recorded | None
    fault: Fault | None = None

    @property
    def position(self) -> Position:
        """Stream and version."""
        return Position(self.envelope.stream, self.envelope.version)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record whose envelope is not ours, so that nobody knows where it belongs."""

    record: Record
    log: str
    error: str


def read(record: Record, log: str, decode: Decode) -> Arrival | Unreadable:
    """Read a record; whatever is wrong with it is said in the answer, nothing is raised."""
    try:
        envelope = Envelope.from_headers(record.headers)
        _check_place(envelope)
    except Exception as wrong:  # noqa: BLE001  anything may stand in a header
        return Unreadable(record, log, explain(wrong))
    try:
        event = decode(envelope.type, record.value.decode())
    except Exception as wrong:  # noqa: BLE001  anything may stand in a body
        return Arrival(record, log, envelope, None, Fault(Why.UNDECODABLE, explain(wrong)))
    return Arrival(record, log, envelope, Recorded(envelope, event))


def explain(error: Exception) -> str:
    """Class and place of an error; its own words only where they are known to hold no value."""
    kind = type(error).__name__
    if isinstance(error, ValidationError):
        fields = sorted({".".join(map(str, one["loc"])) for one in error.errors()})
        return f"{kind}: {', '.join(fields)}"[:200]
    if isinstance(error, StoreUnavailable) or type(error).__module__.startswith("contracts."):
        return f"{kind}: {error}"[:200]
    return f"{kind}{_place(error)}"


def _place(error: Exception) -> str:
    frames = extract_tb(error.__traceback__)
    return f" in {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


class WrongPlace(ValueError):
    """A stream or version that cannot be one of ours."""


def _check_place(envelope: Envelope) -> None:
    if not (_is_stream(envelope.stream) and 1 <= envelope.version <= LARGEST_VERSION):
        raise WrongPlace


@lru_cache(65536)
def _is_stream(stream: str) -> bool:
    """Stream names are keys of documents, so a dot or a dollar must not come in."""
    try:
        return Position.parse(f"{stream}@1").stream == stream
    except ValueError:
        return False
