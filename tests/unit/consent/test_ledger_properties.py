"""Whatever is said in whatever order: the quorum on the stream is true, a no is always taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.common import ParticipantsNoted
from contracts.consent import (
    Capacity,
    CapacityRecorded,
    Channel,
    ConsentDeclined,
    ConsentGiven,
    ConsentId,
    ConsentLedgerOpened,
    ConsentQuorumLost,
    ConsentQuorumReached,
    ConsentWithdrawn,
    Evidence,
    InformationFormat,
    Purpose,
    RepresentativeAppointed,
    RepresentativeBasis,
    RepresentativeEnded,
    RepresentativeKind,
)
from contracts.consent_review import ConsentExpired, ConsentReconfirmed, ConsentVaried
from contracts.envelope import Event
from contracts.fields import ParticipantId, Role
from contracts.terms import AgeBand, Method, Participant, ParticipantRole
from kernel.decider import Context, Refused
from kernel.testing.spec import CASE, NOW, an_id, by
from services.consent.domain.ledger.commands import (
    AppointRepresentative,
    DeclineConsent,
    EndRepresentative,
    GiveConsent,
    LedgerCommand,
    NoteParticipants,
    ProvideConsentInformation,
    RecordCapacity,
    WithdrawConsent,
)
from services.consent.domain.ledger.decide import LEDGER
from services.consent.domain.ledger.review_commands import (
    ExpireConsent,
    ReconfirmConsent,
    VaryConsent,
)
from services.consent.domain.ledger.state import Ledger
from tests.unit.consent.people import (
    CHILD,
    EVERY_ITEM,
    NEIGHBOUR,
    OFFENDER,
    PARENT,
    VICTIM,
    opened,
    someone,
    stands_beside,
    told,
)

UNDER_16 = (AgeBand.UNDER_10, AgeBand.FROM_10_TO_15, AgeBand.UNKNOWN)
SIDES = (ParticipantRole.VICTIM, ParticipantRole.OFFENDER, ParticipantRole.PARTY)
YOUNG_OFFENDER = someone("young offender", ParticipantRole.OFFENDER, AgeBand.UNKNOWN)
YOUNG_SUPPORTER = someone("young supporter", ParticipantRole.SUPPORTER, AgeBand.FROM_10_TO_15)
PEOPLE = (VICTIM, OFFENDER, CHILD, YOUNG_OFFENDER, YOUNG_SUPPORTER, NEIGHBOUR, PARENT)
WAYS = (Method.LETTER, Method.VIDEO)

NEVER_REFUSED = (WithdrawConsent, DeclineConsent, NoteParticipants)

Quorum = dict[Method, tuple[ParticipantId, ...]]


@dataclass
class Case:
    """A ledger under commands: each event with the moment at which it was decided."""

    now: datetime = NOW
    stream: list[Event] = field(default_factory=list)
    ledger: Ledger = LEDGER.initial
    ids: count[int] = field(default_factory=count)

    def hear(self, *events: Event) -> None:
        self.stream.extend(events)
        self.ledger = LEDGER.fold(events, self.ledger)

    def ask(self, command: LedgerCommand) -> bool:
        context = Context(self.now, an_id(f"command {next(self.ids)}"), by(Role.COORDINATOR))
        decision = LEDGER.decide(command, self.ledger, context)
        self.hear(*([] if isinstance(decision, Refused) else decision))
        return not isinstance(decision, Refused)


def said(stream: Sequence[Event]) -> Quorum:
    """What the quorum events of a stream say; each has something new to say."""
    quorum: Quorum = {}
    for event in stream:
        if isinstance(event, ConsentQuorumReached):
            assert quorum.get(event.method) != event.participants
            quorum[event.method] = event.participants
        if isinstance(event, ConsentQuorumLost):
            assert quorum.pop(event.method) == event.participants
    return quorum


def true(stream: Sequence[Event], now: datetime) -> Quorum:
    """The same from scratch: for each yes, whether anything later in the stream ended it."""
    people = in_case(stream)
    needed = [one for one in people.values() if one.role in SIDES]
    parties = sum(one.role is ParticipantRole.PARTY for one in needed)
    if len({one.role for one in needed} - {ParticipantRole.PARTY}) + parties < 2:
        return {}
    ids = tuple(sorted(one.participant_id for one in needed))
    return {way: ids for way in Method if all(agrees(stream, one, way, now) for one in needed)}


def in_case(stream: Sequence[Event]) -> dict[UUID, Participant]:
    lists = [
        e.participants for e in stream if isinstance(e, ConsentLedgerOpened | ParticipantsNoted)
    ]
    return {one.participant_id: one for one in lists[-1]}


def agrees(stream: Sequence[Event], who: Participant, way: Method, now: datetime) -> bool:
    yeses = standing(stream, way, now)
    beside = {one.consent_id for one in yeses if one.given_by != one.participant_id}
    return any(
        one.given_by == one.participant_id == who.participant_id
        and (who.age_band not in UNDER_16 or one.co_consent_id in beside)
        for one in yeses
    )


def standing(stream: Sequence[Event], way: Method, now: datetime) -> list[ConsentGiven]:
    yeses = (
        (one, stream[place + 1 :])
        for place, one in enumerate(stream)
        if isinstance(one, ConsentGiven) and Purpose.TAKE_PART in one.purposes
    )
    return [one for one, later in yeses if stands(one, later, way, now)]


def stands(one: ConsentGiven, later: Sequence[Event], way: Method, now: datetime) -> bool:
    """Told event by event: whether it covers the method, and until when."""
    covers, until = way in one.methods, one.valid_until
    for event in later:
        if (
            isinstance(event, ConsentReconfirmed | ConsentVaried)
            and event.consent_id == one.consent_id
        ):
            covers, until = way in event.methods, event.valid_until
        covers = covers and not ends(event, one, way)
    return covers and until > now


def ends(event: Event, consent: ConsentGiven, way: Method) -> bool:
    involved = {consent.participant_id, consent.given_by}
    match event:
        case ConsentDeclined() | ConsentWithdrawn():
            return way in event.methods and event.participant_id in involved
        case CapacityRecorded():
            return event.result is Capacity.LACKS_CAPACITY and event.participant_id in involved
        case ParticipantsNoted():
            return not involved <= {one.participant_id for one in event.participants}
        case RepresentativeEnded():
            return involved == {event.participant_id, event.representative_id}
        case ConsentExpired():
            return event.consent_id == consent.consent_id
        case _:
            return False


def represented(stream: Sequence[Event]) -> set[tuple[UUID, UUID]]:
    """Who stands beside whom after these events: the represented first."""
    pairs: set[tuple[UUID, UUID]] = set()
    for event in stream:
        match event:
            case RepresentativeAppointed():
                pairs.add((event.participant_id, event.representative_id))
            case RepresentativeEnded():
                pairs.discard((event.participant_id, event.representative_id))
            case ParticipantsNoted():
                here = {one.participant_id for one in event.participants}
                pairs = {pair for pair in pairs if here.issuperset(pair)}
    return pairs


def ends_truly(stream: Sequence[Event], now: datetime) -> bool:
    """Whether the last no names each child beside whom it was said, and what it ended for them."""
    places = [
        place
        for place, one in enumerate(stream)
        if isinstance(one, ConsentDeclined | ConsentWithdrawn)
    ]
    until = stream[: places[-1] + 1]
    no = until[-1]
    assert isinstance(no, ConsentDeclined | ConsentWithdrawn)
    people = in_case(until)
    children = {
        who: tuple(way for way in no.methods if not agrees(until, people[who], way, now))
        for who, beside in represented(until)
        if beside == no.participant_id and people[who].age_band in UNDER_16
    }
    said = {one.participant_id: one.methods for one in no.also_ends}
    return said == {who: ended for who, ended in children.items() if ended}


ENDED_BY = (NoteParticipants, RecordCapacity, EndRepresentative, VaryConsent)
ENDING = (ParticipantsNoted, CapacityRecorded, RepresentativeEnded, ConsentVaried)


def names_what_it_ends(stream: Sequence[Event], now: datetime) -> bool:
    """Whether the last event of these kinds names every yes that stood until then, and no other."""
    place = max(place for place, one in enumerate(stream) if isinstance(one, ENDING))
    before, after = stream[:place], stream[: place + 1]
    event = stream[place]
    assert isinstance(event, ENDING)
    said = {(one.participant_id, way) for one in event.ends for way in one.methods}
    stood, stands_now = (
        {
            (who, way)
            for who, one in in_case(until).items()
            for way in Method
            if agrees(until, one, way, now)
        }
        for until in (before, after)
    )
    return stood - stands_now <= said and not said & stands_now


CASES = (
    (VICTIM, OFFENDER),
    (CHILD, OFFENDER, PARENT),
    (VICTIM, CHILD, YOUNG_OFFENDER, PARENT),
    (VICTIM, OFFENDER, YOUNG_SUPPORTER, PARENT),
    (VICTIM, NEIGHBOUR),
)
Steps = list[tuple[int, tuple[LedgerCommand, ...]]]

parent = st.just(PARENT.participant_id)
ways = st.sampled_from([(), *((one,) for one in WAYS), WAYS])


def a_yes(who: st.SearchStrategy[ParticipantId]) -> st.SearchStrategy[LedgerCommand]:
    return st.builds(
        GiveConsent,
        participant_id=who,
        given_by=st.sampled_from([None, None, PARENT.participant_id]),
        methods=ways,
        purposes=st.sampled_from([(Purpose.TAKE_PART,), tuple(Purpose)]),
        evidence=st.just(Evidence.RECORDED),
        info_version=st.just(1),
        acknowledged=st.just(EVERY_ITEM),
        valid_until=st.sampled_from([None, NOW + timedelta(days=40)]),
    )


def a_no(who: st.SearchStrategy[ParticipantId]) -> st.SearchStrategy[LedgerCommand]:
    in_writing = st.just(Channel.IN_WRITING)
    return st.one_of(
        st.builds(WithdrawConsent, participant_id=who, methods=ways, channel=in_writing),
        st.builds(DeclineConsent, participant_id=who, methods=ways),
    )


def a_review() -> st.SearchStrategy[LedgerCommand]:
    """Of the yes that was said last, as `beside` names it."""
    said_last, edition = st.just(ConsentId(CASE)), st.just(1)
    return st.one_of(
        st.builds(
            ReconfirmConsent, consent_id=said_last, info_version=edition, valid_until=st.none()
        ),
        st.builds(
            VaryConsent,
            consent_id=said_last,
            methods=ways,
            info_version=edition,
            valid_until=st.none(),
        ),
        st.builds(ExpireConsent, consent_id=said_last),
    )


def anything_else(who: st.SearchStrategy[ParticipantId]) -> st.SearchStrategy[LedgerCommand]:
    here = st.lists(st.sampled_from(PEOPLE), min_size=2, unique=True).map(tuple)
    return st.one_of(
        st.builds(NoteParticipants, participants=here),
        st.builds(RecordCapacity, participant_id=who, result=st.sampled_from(Capacity)),
        st.builds(
            AppointRepresentative,
            participant_id=who,
            representative_id=parent,
            kind=st.just(RepresentativeKind.PARENT_OR_CARER),
            basis=st.just(RepresentativeBasis.PARENTAL_RESPONSIBILITY),
        ),
        st.builds(EndRepresentative, participant_id=who, representative_id=parent),
        st.builds(
            ProvideConsentInformation,
            participant_id=who,
            info_version=st.just(1),
            items=st.sampled_from([EVERY_ITEM, EVERY_ITEM[1:]]),
            format=st.just(InformationFormat.EASY_READ),
        ),
    )


def everybody_says_yes(people: tuple[Participant, ...]) -> tuple[LedgerCommand, ...]:
    """The parent beside each child first, then each in their own name."""
    yes = GiveConsent(
        participant_id=VICTIM.participant_id,
        methods=WAYS,
        evidence=Evidence.WRITTEN,
        info_version=1,
        acknowledged=EVERY_ITEM,
    )
    givers = (PARENT.participant_id, None)
    return tuple(
        yes.model_copy(update={"participant_id": one.participant_id, "given_by": giver})
        for one in people
        for giver in givers
    )


def histories(people: tuple[Participant, ...]) -> st.SearchStrategy[tuple[Case, Steps]]:
    who = st.sampled_from([one.participant_id for one in people])
    any_one = st.one_of(a_yes(who), a_yes(who), a_no(who), a_review(), anything_else(who))
    single = any_one.map(lambda c: (c,))
    commands = st.one_of(st.just(everybody_says_yes(people)), single, single)
    days = st.sampled_from([0, 0, 0, 0, 1, 30])
    steps = st.lists(st.tuples(days, commands), min_size=3, max_size=15)
    return st.tuples(st.builds(begin, st.just(people)), steps)


def beside(case: Case, command: LedgerCommand) -> LedgerCommand:
    """A yes of somebody's own names the last one that was said beside them, if there is one."""
    if isinstance(command, ReconfirmConsent | VaryConsent | ExpireConsent):
        ids = [one.consent_id for one in case.stream if isinstance(one, ConsentGiven)]
        return command.model_copy(update={"consent_id": ids[-1]}) if ids else command
    if not isinstance(command, GiveConsent) or command.given_by:
        return command
    parents = (
        one.consent_id
        for one in reversed(case.stream)
        if isinstance(one, ConsentGiven)
        and one.given_by != one.participant_id == command.participant_id
    )
    return command.model_copy(update={"co_consent_id": next(parents, None)})


def begin(people: tuple[Participant, ...]) -> Case:
    """A case in which everybody was informed, and the parent stands beside the first child."""
    case = Case()
    children = [one for one in people if one.age_band in UNDER_16]
    beside_child = [stands_beside(one, PARENT) for one in children[:1] if PARENT in people]
    case.hear(opened(*people), *(told(one) for one in people), *beside_child)
    return case


@given(history=st.one_of(*map(histories, CASES)))
@settings(max_examples=50, deadline=None)
@pytest.mark.rule("CON-16")
@pytest.mark.rule("CON-17")
@pytest.mark.rule("CON-19")
@pytest.mark.rule("CON-25")
def test_the_stream_says_what_is_true_and_every_no_is_taken(history: tuple[Case, Steps]) -> None:
    case, steps = history
    for days, commands in steps:
        case.now += timedelta(days=days)
        for command in commands:
            taken = case.ask(beside(case, command))
            assert taken or not isinstance(command, NEVER_REFUSED)
            assert not taken or said(case.stream) == true(case.stream, case.now)
            if isinstance(command, WithdrawConsent | DeclineConsent):
                assert ends_truly(case.stream, case.now)
            if taken and isinstance(command, ENDED_BY):
                assert names_what_it_ends(case.stream, case.now)


def test_a_child_and_an_offender_agree_until_their_consents_end() -> None:
    people = (CHILD, OFFENDER, PARENT)
    case = begin(people)
    for command in everybody_says_yes(people):
        case.ask(beside(case, command))
    assert set(true(case.stream, NOW)) == set(WAYS) == set(said(case.stream))
    assert true(case.stream, NOW + timedelta(days=90)) == {}
