"""What a case's consent ledger says of it: a fold of one stream.

Per participant, method and giver the last answer; the giver is the participant, or the
representative beside a child.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from contracts.common import EntryCorrected, ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    ConsentDeclined,
    ConsentGiven,
    ConsentInformationProvided,
    ConsentLedgerOpened,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    Purpose,
    RepresentativeEnded,
)
from contracts.consent_review import ConsentExpired, ConsentReconfirmed, ConsentVaried
from contracts.envelope import Recorded
from contracts.terms import Method
from kernel.project.port import Body
from services.reporting.projections.parties import stamp

Answers = dict[str, dict[str, dict[str, Body]]]


class Yes(NamedTuple):
    """A yes as it stands in the answers."""

    who: str
    method: str
    giver: str
    answer: Body


Concerns = Callable[[Yes], bool]


class Said(StrEnum):
    """What somebody said last about a method."""

    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    """A yes that came to its end, or fell away with what it rested on."""


INITIAL: Body = {"informed": {}, "unable": [], "answers": {}, "givers": {}, "agreed": []}


def fold_consent(part: Body, one: Recorded) -> Body:
    """The ledger's part of the document after an event of its stream."""
    match one.event:
        case ConsentLedgerOpened():
            return INITIAL
        case ParticipantsNoted() as event:
            here = {str(who.participant_id) for who in event.participants}
            return _ended(part, lambda one: not {one.who, one.giver} <= here)
        case ConsentInformationProvided() as event:
            told = [str(event.participant_id), event.info_version]
            return {**part, "informed": {**part["informed"], str(one.envelope.version): told}}
        case EntryCorrected() as event:
            return _not_informed(part, str(event.entry_version))
        case CapacityRecorded() as event:
            return _judged(part, event)
        case RepresentativeEnded() as event:
            pair = (str(event.participant_id), str(event.representative_id))
            return _ended(part, lambda one: (one.who, one.giver) == pair)
        case ConsentGiven() as event:
            return _yes(part, event)
        case ConsentReconfirmed() | ConsentVaried() as event:
            return _confirmed(part, event)
        case ConsentExpired() as event:
            own = str(event.consent_id)
            return _ended(part, lambda one: one.answer["consent"] == own)
        case ConsentDeclined() as event:
            return _no(part, event, Said.NO)
        case ConsentWithdrawn() as event:
            return _no(part, event, Said.WITHDRAWN)
        case ConsentQuorumReached() as event:
            return {**part, "agreed": _agreed({*part["agreed"], event.method.value})}
        case ConsentQuorumLost() as event:
            return {**part, "agreed": _agreed({*part["agreed"]} - {event.method.value})}
        case _:
            return part


def _yes(part: Body, event: ConsentGiven) -> Body:
    """Only what is said about taking part; research and later contact are no one's progress."""
    if Purpose.TAKE_PART not in event.purposes:
        return part
    giver = str(event.given_by)
    after = {**part, "givers": {**part["givers"], str(event.consent_id): giver}}
    return _says(after, event, giver)


def _confirmed(part: Body, event: ConsentReconfirmed | ConsentVaried) -> Body:
    """It stands for the methods named now, and for no other."""
    own = str(event.consent_id)
    giver = part["givers"].get(own)
    ended = _ended(part, lambda one: one.answer["consent"] == own)
    return _says(ended, event, giver) if giver else part


def _says(part: Body, event: ConsentGiven | ConsentReconfirmed | ConsentVaried, giver: str) -> Body:
    answer = {
        "said": Said.YES.value,
        "until": stamp(event.valid_until),
        "consent": str(event.consent_id),
        "edition": event.info_version,
    }
    who = str(event.participant_id)
    methods = dict(part["answers"].get(who, {}))
    for method in event.methods:
        methods[method.value] = {**methods.get(method.value, {}), giver: answer}
    return {**part, "answers": {**part["answers"], who: methods}}


def _not_informed(part: Body, entry_version: str) -> Body:
    informed = {at: told for at, told in part["informed"].items() if at != entry_version}
    known = [tuple(told) for told in informed.values()]
    after = {**part, "informed": informed}
    return _ended(after, lambda one: (one.giver, one.answer["edition"]) not in known)


def _no(part: Body, event: ConsentDeclined | ConsentWithdrawn, said: Said) -> Body:
    """A no stands in the own name of who said it; it ends each yes that is of or by them."""
    who = str(event.participant_id)
    named = {method.value for method in event.methods}
    after = _ended(part, lambda one: one.method in named and who in {one.who, one.giver})
    methods = dict(after["answers"].get(who, {}))
    for method in event.methods:
        methods[method.value] = {**methods.get(method.value, {}), who: {"said": said.value}}
    return {**after, "answers": {**after["answers"], who: methods}}


def _judged(part: Body, event: CapacityRecorded) -> Body:
    person = str(event.participant_id)
    unable = [one for one in part["unable"] if one != person]
    if event.result is not Capacity.LACKS_CAPACITY:
        return {**part, "unable": unable}
    after = {**part, "unable": _with(unable, event.participant_id)}
    return _ended(after, lambda one: person in {one.who, one.giver})


def _ended(part: Body, concerns: Concerns) -> Body:
    answers: Answers = {
        who: {
            method: {
                giver: _end_if(concerns, Yes(who, method, giver, answer))
                for giver, answer in givers.items()
            }
            for method, givers in methods.items()
        }
        for who, methods in part["answers"].items()
    }
    return {**part, "answers": answers}


def _end_if(concerns: Concerns, one: Yes) -> Body:
    is_yes = one.answer["said"] == Said.YES
    return {"said": Said.ENDED.value} if is_yes and concerns(one) else one.answer


def _with(people: list[str], who: UUID) -> list[str]:
    return sorted({*people, str(who)})


def _agreed(methods: set[str]) -> list[str]:
    return [one.value for one in Method if one.value in methods]
