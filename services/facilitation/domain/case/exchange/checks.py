"""What stands in the way of a letter or a message: one small check per rule."""

from __future__ import annotations

from contracts.facilitation.exchange import Direction, LetterReviewed, ReviewResult
from contracts.facilitation.ids import LetterId
from contracts.fields import ParticipantId
from contracts.terms import Method, ParticipantRole
from kernel.decider import Unmet
from services.facilitation.domain.case.exchange import rules
from services.facilitation.domain.case.parts import Letter, LetterStanding
from services.facilitation.domain.case.state import Case

DRAFTED = frozenset({Method.LETTER, Method.RECORDING})
DIRECTIONS = {
    (ParticipantRole.OFFENDER, ParticipantRole.VICTIM): Direction.TO_HARMED,
    (ParticipantRole.VICTIM, ParticipantRole.OFFENDER): Direction.TO_RESPONSIBLE,
    (ParticipantRole.OFFENDER, ParticipantRole.PARTY): Direction.TO_HARMED,
    (ParticipantRole.PARTY, ParticipantRole.OFFENDER): Direction.TO_RESPONSIBLE,
    (ParticipantRole.VICTIM, ParticipantRole.PARTY): Direction.TO_RESPONSIBLE,
    (ParticipantRole.PARTY, ParticipantRole.VICTIM): Direction.TO_HARMED,
    (ParticipantRole.PARTY, ParticipantRole.PARTY): Direction.BETWEEN_PARTIES,
}


def drafted(method: Method) -> Unmet | None:
    if method in DRAFTED:
        return None
    return rules.IN_WRITING_OR_RECORDED.unmet(f"one of: {', '.join(sorted(DRAFTED))}")


def direction(case: Case, sender: ParticipantId, recipient: ParticipantId) -> Direction:
    """Which way something goes between two people of two sides; raises LookupError for others."""
    one, other = case.participant(sender), case.participant(recipient)
    if one is None or other is None or one == other:
        raise LookupError("two people of the case")
    return DIRECTIONS[one.role, other.role]


def between_sides(case: Case, sender: ParticipantId, recipient: ParticipantId) -> Unmet | None:
    one, other = case.participant(sender), case.participant(recipient)
    if one and other and one != other and (one.role, other.role) in DIRECTIONS:
        return None
    return rules.BETWEEN_SIDES.unmet("a victim, offender or party, and one of another side")


def on_its_way(letter: Letter | None) -> Unmet | None:
    if letter and letter.standing is LetterStanding.ON_ITS_WAY:
        return None
    return rules.ON_ITS_WAY.unmet("the id of a letter that is on its way")


def reviewed(case: Case, letter_id: LetterId) -> Unmet | None:
    found = [one.result for _, one in case.entered(LetterReviewed) if one.letter_id == letter_id]
    if found and found[-1] is ReviewResult.ACCEPTED:
        return None
    return rules.REVIEWED.unmet("a review with the result `accepted`")
