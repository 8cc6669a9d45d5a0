"""Correlation and trace ids: of our form, or replaced by new ones; never copied otherwise."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from uuid import RFC_4122, UUID, uuid4

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MACHINE_MADE = (4, 5, 7)


def correlation_of(sent: Sequence[str]) -> UUID:
    """The correlation id that was sent, or a new one unless it is one machine-made uuid."""
    known = read_uuid(sent[0]) if len(sent) == 1 else None
    machine_made = known and known.variant == RFC_4122 and known.version in _MACHINE_MADE
    return known if known and machine_made else uuid4()


def traceparent_of(sent: Sequence[str]) -> str:
    """The W3C trace context that was sent, or a new one unless it is well-formed."""
    if len(sent) == 1 and _TRACEPARENT.fullmatch(sent[0]):
        return sent[0]
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def read_uuid(text: str) -> UUID | None:
    """A uuid in its usual form with dashes; None for anything else."""
    return UUID(text) if _UUID.fullmatch(text) else None
