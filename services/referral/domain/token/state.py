"""What a token knows: which case holds its incident, and until when unless that case comes."""

from __future__ import annotations

from datetime import datetime

from contracts.envelope import Event
from contracts.fields import CaseId
from contracts.referral import TokenHeld
from kernel.decider import State


class Token(State):
    """The incident's one place."""

    case_id: CaseId | None = None
    until: datetime | None = None


def evolve(state: Token, event: Event) -> Token:
    """The state after an event of this stream."""
    match event:
        case TokenHeld():
            return Token(case_id=event.case_id, until=event.until)
        case _:
            raise TypeError(f"{event.wire_type()} is no event of a token")
