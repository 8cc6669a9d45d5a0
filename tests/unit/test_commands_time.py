"""What a command records, and when: moments, ids, dry runs and runs as of a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4, uuid5

import pytest

from contracts.envelope import Position
from contracts.fields import OrganisationId, Role
from kernel.clock import FixedClock
from kernel.commands import NotKnown
from kernel.decider import Actor, Command, Context, Decision, Refused
from kernel.store.memory import MemoryCommits
from tests.adapters.tally import (
    AGENCY,
    HUB,
    START,
    TALLY,
    Add,
    Added,
    Close,
    Hand,
    Open,
    Tally,
    a_request,
    accepted,
    an_actor,
    commands_on,
    decode,
    opened,
)

DAY = timedelta(days=1)


class Wandering:
    """A clock that also goes back."""

    def __init__(self, *moments: datetime) -> None:
        self.moments = list(moments)

    async def now(self) -> datetime:
        return self.moments.pop(0)


async def test_what_a_commit_records() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    request = a_request(
        an_actor(role=Role.OFFICER),
        causation=uuid4(),
        causes=(Position(f"consent-{uuid4()}", 4),),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    commit = (await accepted(commands, subject, Add(parts=2), request)).commit
    (one, first), (two, _) = commit.envelopes()
    assert (one.stream, one.version, two.version) == (f"tally-{subject}", 2, 3)
    assert (one.place, two.place, one.size) == (1, 2, 2)
    assert (one.type, decode(one.type, first)) == ("rj.Added.v1", Added(count=1))
    assert first == Added(count=1).model_dump_json()
    assert (one.subject, one.source, one.commit) == (subject, "/rj/tally", commit.id)
    assert (one.command, one.causation, one.causes) == (
        request.command_id,
        request.causation,
        request.causes,
    )
    assert (one.correlation, one.traceparent) == (request.correlation, request.traceparent)
    assert (one.actor, one.org, one.role) == (request.actor.id, AGENCY, Role.OFFICER)
    assert commit.request_hash == request.request_hash


async def test_event_ids_come_from_the_command_and_the_place() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    commit = (await accepted(commands, subject, Add(parts=2), request := a_request())).commit
    assert [one.id for one in commit.events] == [
        uuid5(request.command_id, f"tally-{subject}/{place}") for place in (1, 2)
    ]


async def test_the_controller_is_who_answers_for_the_record_after_the_commit() -> None:
    commands = commands_on(MemoryCommits())
    subject, other = uuid4(), OrganisationId(uuid4())
    begun = await accepted(commands, subject, Open(org=AGENCY), a_request(an_actor(HUB)))
    handed = await accepted(commands, subject, Hand(to=other))
    assert (begun.commit.controller, handed.commit.controller) == (AGENCY, other)


async def test_where_nobody_answers_for_the_record_the_hub_does() -> None:
    nobodys = replace(TALLY, controller=lambda _: None)
    answer = await commands_on(MemoryCommits()).execute(
        nobodys, uuid4(), Open(org=AGENCY), a_request()
    )
    assert not isinstance(answer, Refused)
    assert answer.commit.controller == HUB


async def test_what_happened_is_as_said_or_else_now() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    earlier = START - DAY
    said = await accepted(commands, subject, Add(happened_at=earlier))
    unsaid = await accepted(commands, subject, Add())
    assert (said.commit.events[0].happened_at, said.commit.recorded_at) == (earlier, START)
    assert unsaid.commit.events[0].happened_at == START


async def test_recorded_at_never_falls_in_a_stream() -> None:
    clock = Wandering(START, START + DAY, START - DAY, START + 2 * DAY)
    commands = commands_on(commits := MemoryCommits(), clock)
    subject = await opened(commands)
    for _ in range(3):
        await accepted(commands, subject, Add())
    assert [one.recorded_at - START for one in commits.durable()] == [0 * DAY, DAY, DAY, 2 * DAY]


async def test_a_decision_is_taken_at_the_moment_that_is_recorded() -> None:
    """A clock that went back must not bring back what is over."""
    commands = commands_on(MemoryCommits(), Wandering(START + DAY, START))
    subject = await opened(commands, until=START + timedelta(hours=1))
    assert isinstance(await commands.execute(TALLY, subject, Add(), a_request()), Refused)


@pytest.mark.parametrize("command", [Add(count=5, parts=2), Close()])
async def test_a_dry_run_tells_what_execute_then_records(command: Add | Close) -> None:
    commands = commands_on(commits := MemoryCommits())
    subject = await opened(commands)
    told = await commands.dry_run(TALLY, subject, command, an_actor())
    assert len(commits.durable()) == 1
    commit = (await accepted(commands, subject, command)).commit
    assert told == [decode(one.type, one.data) for one in commit.events]


async def test_a_dry_run_refuses_what_execute_refuses() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    await accepted(commands, subject, Close())
    told = await commands.dry_run(TALLY, subject, Add(), an_actor())
    assert isinstance(told, Refused)
    assert told == await commands.execute(TALLY, subject, Add(), a_request())


async def test_a_dry_run_knows_what_execute_knows() -> None:
    commands = commands_on(MemoryCommits())
    stranger = an_actor(OrganisationId(uuid4()))
    for subject in (uuid4(), await opened(commands)):
        with pytest.raises(NotKnown):
            await commands.dry_run(TALLY, subject, Add(), stranger)
    assert isinstance(await commands.dry_run(TALLY, uuid4(), Open(org=AGENCY), stranger), list)


async def test_a_run_as_of_a_moment_knows_what_was_recorded_by_then() -> None:
    clock = FixedClock(START)
    commands = commands_on(MemoryCommits(), clock)
    subject = await opened(commands)
    clock.move(START + DAY)
    await accepted(commands, subject, Close())
    actor = an_actor()

    async def could_go_ahead(moment: datetime) -> bool:
        told = await commands.dry_run(TALLY, subject, Add(), actor, moment)
        return not isinstance(told, Refused)

    assert await could_go_ahead(START)
    assert await could_go_ahead(START + DAY - timedelta(microseconds=1))
    assert not await could_go_ahead(START + DAY)
    assert not await could_go_ahead(START + 2 * DAY)


async def test_a_run_as_of_a_moment_takes_it_for_now() -> None:
    clock = FixedClock(START)
    commands = commands_on(MemoryCommits(), clock)
    subject = await opened(commands, until=START + DAY)
    clock.move(START + 3 * DAY)
    actor = an_actor()
    assert isinstance(await commands.dry_run(TALLY, subject, Add(), actor), Refused)
    assert await commands.dry_run(TALLY, subject, Add(), actor, START + DAY) == [Added(count=1)]


async def test_before_it_began_a_subject_was_not_known() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    with pytest.raises(NotKnown):
        await commands.dry_run(TALLY, subject, Add(), an_actor(), START - DAY)


async def test_who_may_see_a_subject_now_may_ask_about_its_past() -> None:
    clock = FixedClock(START)
    commands = commands_on(MemoryCommits(), clock)
    subject = await opened(commands)
    clock.move(START + DAY)
    late = an_actor(OrganisationId(uuid4()))
    await accepted(commands, subject, Hand(to=late.org))
    assert await commands.dry_run(TALLY, subject, Add(), late, START) == [Added(count=1)]


async def test_a_decision_knows_who_made_each_entry_up_to_its_moment() -> None:
    known: list[tuple[tuple[int, str, Actor], ...]] = []

    def decide(command: Command, state: Tally, context: Context) -> Decision:
        known.append(tuple((one.version, one.type, one.actor) for one in context.entries))
        return TALLY.decide(command, state, context)

    watched, clock = replace(TALLY, decide=decide), FixedClock(START)
    commands = commands_on(MemoryCommits(), clock)
    subject, one, other = uuid4(), an_actor(), an_actor(role=Role.OFFICER)
    await commands.execute(watched, subject, Open(org=AGENCY), a_request(one))
    clock.move(START + DAY)
    await commands.execute(watched, subject, Add(parts=2), a_request(other))
    await commands.dry_run(watched, subject, Close(), other)
    await commands.dry_run(watched, subject, Close(), other, START)
    opening, adding = (1, "rj.Opened.v1", one), "rj.Added.v1"
    assert known == [
        (),
        (opening,),
        (opening, (2, adding, other), (3, adding, other)),
        (opening,),
    ]


@pytest.mark.parametrize("said", [START - DAY, None, START + DAY])
async def test_a_decision_knows_when_each_entry_happened_never_after_its_record(
    said: datetime | None,
) -> None:
    known: list[list[datetime]] = []

    def decide(command: Command, state: Tally, context: Context) -> Decision:
        known.append([one.happened_at for one in context.entries])
        return TALLY.decide(command, state, context)

    watched, clock = replace(TALLY, decide=decide), FixedClock(START)
    commands = commands_on(MemoryCommits(), clock)
    subject, actor = await opened(commands), an_actor()
    await accepted(commands, subject, Add(happened_at=said))
    clock.move(START + 2 * DAY)
    await commands.dry_run(watched, subject, Close(), actor)
    assert known == [[START, min(said or START, START)]]
