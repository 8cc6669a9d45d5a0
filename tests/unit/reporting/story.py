"""A case as the log tells it: three streams, and which event caused which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from contracts.common import ParticipantsNoted
from contracts.consent import (
    Channel,
    ConsentGiven,
    ConsentId,
    ConsentInformationProvided,
    ConsentLedgerOpened,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    Evidence,
    InformationFormat,
    InformationItem,
    Language,
    Purpose,
)
from contracts.envelope import Event, Position, Recorded
from contracts.facilitation import ConsentLossNoted, ConsentQuorumNoted, FacilitationOpened
from contracts.fields import ActorId, ParticipantId, Role
from contracts.referral import (
    AbuseScreen,
    BestInterests,
    Complexity,
    InitiatedBy,
    ParticipantAdded,
    ReferralAccepted,
    ReferralRequested,
    ReferralScreened,
    ScreeningDecision,
    SourceType,
    Stage,
)
from contracts.terms import AgeBand, Level, Method, Participant, ParticipantRole, Setting
from kernel.project.documents import decode, encode, from_raw
from kernel.project.port import Body, Document, Projection, Refused
from kernel.testing.spec import CASE, NOW, an_id, recorded
from tests.support_http import HUB, POLICE

VICTIM, OFFENDER, SUPPORTER = (
    Participant(participant_id=ParticipantId(an_id(role)), role=role, age_band=AgeBand.OVER_64)
    for role in (ParticipantRole.VICTIM, ParticipantRole.OFFENDER, ParticipantRole.SUPPORTER)
)
SIDES = (VICTIM.participant_id, OFFENDER.participant_id)
LETTER = Method.LETTER
UNTIL = NOW + timedelta(days=90)


@dataclass
class Story:
    """Events as they are recorded, each in its stream."""

    case: UUID = CASE
    now: datetime = NOW
    told: list[Recorded] = field(default_factory=list)
    versions: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def tell(
        self, stream: str, *events: Event, cause: Recorded | None = None, **fields: Any
    ) -> Recorded:
        """One commit; its first event is returned. A cause makes it the work of a policy."""
        first = self.versions[stream] + 1
        if cause:
            place = Position(cause.envelope.stream, cause.envelope.version)
            system = {"role": Role.SYSTEM, "causation": cause.envelope.id, "causes": (place,)}
            fields = system | fields
        commit = [
            recorded(
                event,
                stream=f"{stream}-{self.case}",
                version=first + place,
                at=self.now,
                **{
                    "place": place + 1,
                    "size": len(events),
                    "commit": f"{stream}-{self.case}@{first:010}",
                    "id": an_id(f"{self.case} {stream} {first + place}"),
                    "controller": POLICE,
                    "org": HUB,
                }
                | fields,
            )
            for place, event in enumerate(events)
        ]
        self.told += commit
        self.versions[stream] += len(events)
        self.now += timedelta(microseconds=7)
        return commit[0]


def requested(**fields: Any) -> ReferralRequested:
    values: dict[str, Any] = {
        "setting": Setting.POST_COURT,
        "stage": Stage.SENTENCED,
        "harm_flags": (),
        "initiated_by": InitiatedBy.VICTIM,
        "victim_request": True,
        "participants": (VICTIM, OFFENDER),
        "source_type": SourceType.PROBATION,
        "organisation": POLICE,
        "requested_by": ActorId(an_id("officer")),
    }
    return ReferralRequested(**values | fields)


SCREENED = ReferralScreened(
    decision=ScreeningDecision.SUITABLE,
    complexity=Complexity.STANDARD,
    min_level=Level.INTERMEDIATE,
    flags=(),
    reasons=(),
    abuse_screen=AbuseScreen.NOT_DONE,
    best_interests=BestInterests.ALL_ADULTS,
)
ACCEPTED = ReferralAccepted(
    setting=Setting.POST_COURT,
    complexity=Complexity.STANDARD,
    min_level=Level.INTERMEDIATE,
    participants=(VICTIM, OFFENDER),
    reasons=(),
    signposted_to=(),
    specialist_service=False,
    organisation=POLICE,
)
LEDGER_OPENED = ConsentLedgerOpened(
    setting=Setting.POST_COURT,
    participants=(VICTIM, OFFENDER),
    controller=POLICE,
    organisation=POLICE,
)
FACILITATION_OPENED = FacilitationOpened(
    setting=Setting.POST_COURT,
    min_level=Level.INTERMEDIATE,
    participants=(VICTIM, OFFENDER),
    controller=POLICE,
    organisation=POLICE,
)
REACHED = ConsentQuorumReached(method=LETTER, participants=SIDES)
LOST = ConsentQuorumLost(method=LETTER, participants=SIDES)


def told_all(who: Participant) -> ConsentInformationProvided:
    return ConsentInformationProvided(
        participant_id=who.participant_id,
        info_version=1,
        items=tuple(InformationItem),
        format=InformationFormat.IN_PERSON,
        language=Language.ENGLISH,
        interpreter=False,
    )


def yes(who: Participant, *methods: Method, **fields: Any) -> ConsentGiven:
    values: dict[str, Any] = {
        "consent_id": ConsentId(an_id("consent")),
        "participant_id": who.participant_id,
        "given_by": who.participant_id,
        "methods": methods or (LETTER,),
        "purposes": (Purpose.TAKE_PART,),
        "evidence": Evidence.WRITTEN,
        "info_version": 1,
        "acknowledged": (),
        "valid_until": UNTIL,
        "checked_at": NOW,
    }
    return ConsentGiven(**values | fields)


def withdrawn(who: Participant, *methods: Method) -> ConsentWithdrawn:
    return ConsentWithdrawn(
        participant_id=who.participant_id,
        methods=methods or tuple(Method),
        channel=Channel.BY_TELEPHONE,
    )


def agreed_and_lost() -> Story:
    """A referral is accepted, both sides say yes to a letter, and the victim takes it back."""
    story = Story()
    story.tell("referral", requested(), role=Role.OFFICER, org=POLICE)
    story.tell("referral", SCREENED)
    accepted = story.tell("referral", ACCEPTED)
    story.tell("consent", LEDGER_OPENED, cause=accepted)
    story.tell("facilitation", FACILITATION_OPENED, cause=accepted)
    story.tell("consent", told_all(VICTIM))
    story.tell("consent", told_all(OFFENDER))
    joined = ParticipantAdded(**SUPPORTER.model_dump(), needs=())
    added = story.tell("referral", joined)
    everybody = ParticipantsNoted(participants=(VICTIM, OFFENDER, SUPPORTER))
    story.tell("consent", everybody, cause=added)
    story.tell("facilitation", everybody, cause=added)
    story.tell("consent", yes(VICTIM))
    story.tell("consent", yes(OFFENDER), REACHED)
    reached = story.told[-1]
    noted = ConsentQuorumNoted(method=LETTER, participants=SIDES, consent_version=7)
    story.tell("facilitation", noted, cause=reached)
    story.tell("consent", withdrawn(VICTIM), LOST)
    lost = story.told[-1]
    loss = ConsentLossNoted(method=LETTER, participants=SIDES, consent_version=9)
    story.tell("facilitation", loss, cause=lost)
    return story


def orders(story: Story, times: int) -> list[list[Recorded]]:
    """The same events as other logs might hold them: streams in order, causes before effects."""
    found = [list(_order(story, Random(seed))) for seed in range(times)]
    assert len({tuple(one.envelope.id for one in order) for order in found}) > times / 2
    return found


def _order(story: Story, chance: Random) -> Iterator[Recorded]:
    waiting = list(story.told)
    done: defaultdict[str, int] = defaultdict(int)
    while waiting:
        ready = [one for one in waiting if _ready(one, done)]
        chosen = chance.choice(ready)
        waiting.remove(chosen)
        done[chosen.envelope.stream] = chosen.envelope.version
        yield chosen


def _ready(one: Recorded, done: defaultdict[str, int]) -> bool:
    envelope = one.envelope
    caused = all(done[cause.stream] >= cause.version for cause in envelope.causes)
    return caused and done[envelope.stream] == envelope.version - 1


def document(projection: Projection, events: list[Recorded]) -> Document:
    """The document of one case, kept as the database keeps it between any two events."""
    kept = Document(CASE)
    for one in events:
        body = projection.fold(kept.body, one)
        folded = {**kept.folded, one.envelope.stream: one.envelope.version}
        kept = _stored(Document(one.envelope.subject, body, folded))
    return kept


def in_memory(projection: Projection, events: list[Recorded]) -> Body:
    """The body of the same document when it is never stored in between."""
    body: Body = {}
    for one in events:
        body = projection.fold(body, one)
    return body


def _stored(document: Document) -> Document:
    encoded = encode(document)
    assert not isinstance(encoded, Refused)
    return from_raw(decode(encoded))
