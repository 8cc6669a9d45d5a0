"""Which answer a command gets: its first one, a refusal, or that nothing is known."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from contracts.envelope import Topic
from contracts.fields import OrganisationId, Role
from kernel import crash
from kernel.commands import Accepted, Changed, KeyReused, NotKnown, request_hash
from kernel.decider import Actor, Command, Decision, Refused
from kernel.store.gather import Patience
from kernel.store.memory import MemoryCommits, StoreFault, scripted
from kernel.store.port import UNKNOWN_REQUEST, CommitTooLarge, StoreUnavailable
from tests.adapters.commits import a_commit
from tests.adapters.tally import (
    AGENCY,
    HUB,
    TALLY,
    Add,
    Close,
    Hand,
    Nothing,
    Open,
    Tally,
    a_request,
    accepted,
    an_actor,
    commands_on,
    decide,
    opened,
)


async def test_a_command_is_accepted_with_the_version_after_it() -> None:
    commands = commands_on(commits := MemoryCommits())
    subject = await opened(commands)
    answer = await accepted(commands, subject, Add(parts=3))
    assert (answer.stream, answer.version) == (f"tally-{subject}", 4)
    assert (answer.commit, answer.repeated) == (commits.durable()[-1], False)


async def test_an_unknown_subject_is_not_known_unless_the_command_opens_it() -> None:
    commands = commands_on(commits := MemoryCommits())
    with pytest.raises(NotKnown):
        await commands.execute(TALLY, uuid4(), Add(), a_request())
    assert commits.durable() == []


STRANGER = OrganisationId(uuid4())


@pytest.mark.parametrize("command", [Add(), Open(org=STRANGER)])
async def test_what_an_actor_may_not_see_is_not_known_either(command: Command) -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    with pytest.raises(NotKnown) as unseen:
        await commands.execute(TALLY, subject, command, a_request(an_actor(STRANGER)))
    with pytest.raises(NotKnown) as absent:
        await commands.execute(TALLY, uuid4(), Add(), a_request(an_actor(STRANGER)))
    assert str(unseen.value) == str(absent.value)


@pytest.mark.parametrize(
    "actor",
    [
        an_actor(HUB),
        an_actor(OrganisationId(uuid4()), Role.SYSTEM),
        an_actor(STRANGER),
        an_actor(AGENCY),
    ],
    ids=["hub", "system", "controller", "still seen by"],
)
async def test_who_sees_a_subject(actor: Actor) -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    await accepted(commands, subject, Hand(to=STRANGER))
    await accepted(commands, subject, Add(), a_request(actor))


async def test_a_known_command_gets_its_first_answer_before_anything_is_decided() -> None:
    commands = commands_on(commits := MemoryCommits())
    subject = await opened(commands)
    request = a_request()
    first = await accepted(commands, subject, Add(), request)
    await accepted(commands, subject, Add())

    def never(*_: object) -> Decision:
        raise AssertionError("decided again")

    again = await commands.execute(replace(TALLY, decide=never), subject, Add(), request)
    assert again == replace(first, repeated=True)
    assert len(commits.durable()) == 3


async def test_a_known_command_gets_its_first_answer_also_when_it_would_be_refused_now() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    first = await accepted(commands, subject, Add(), request := a_request())
    await accepted(commands, subject, Close())
    assert isinstance(await commands.execute(TALLY, subject, Add(), a_request()), Refused)
    assert await accepted(commands, subject, Add(), request) == replace(first, repeated=True)


async def test_a_reply_lost_for_good_and_sent_again_gets_the_first_answer() -> None:
    """The process gave up; by now the tally is closed."""
    commits = MemoryCommits()
    subject = await opened(commands := commands_on(commits))
    commits.faults = scripted(StoreFault.REPLY_LOST)
    impatient = commands_on(commits, patience=Patience(seconds=0))
    with pytest.raises(StoreUnavailable):
        await impatient.execute(TALLY, subject, Add(), request := a_request())
    await accepted(commands, subject, Close())
    answer = await accepted(commands, subject, Add(), request)
    assert (answer.version, answer.repeated) == (2, True)


async def test_a_process_that_died_after_its_append_left_the_answer() -> None:
    commits = MemoryCommits()
    subject = await opened(commands_on(commits))
    crash.set_hook(crash.raise_at("after_append"))
    try:
        with pytest.raises(crash.Crashed):
            await commands_on(commits).execute(TALLY, subject, Add(), request := a_request())
    finally:
        crash.set_hook(None)
    answer = await accepted(commands_on(commits), subject, Add(), request)
    assert (answer.version, answer.repeated) == (2, True)


async def test_a_reply_lost_within_the_time_is_no_repeat() -> None:
    commits = MemoryCommits()
    subject = await opened(commands := commands_on(commits))
    commits.faults = scripted(StoreFault.REPLY_LOST)
    answer = await accepted(commands, subject, Add())
    assert not answer.repeated


async def test_another_request_under_a_used_id_is_told_so() -> None:
    commands = commands_on(commits := MemoryCommits())
    subject = await opened(commands)
    await accepted(commands, subject, Add(), request := a_request())
    with pytest.raises(KeyReused):
        await commands.execute(TALLY, subject, Add(), replace(request, request_hash="11"))
    assert len(commits.durable()) == 2


async def test_what_was_taken_back_from_the_log_answers_its_command() -> None:
    """What was asked is not on the log, so that it cannot be compared."""
    commands = commands_on(commits := MemoryCommits())
    subject = await opened(commands)
    first = await accepted(commands, subject, Add(), request := a_request())
    restored = MemoryCommits()
    restored.take_back(replace(one, request_hash=UNKNOWN_REQUEST) for one in commits.durable())
    again = await accepted(commands_on(restored), subject, Add(), request)
    assert (again.version, again.repeated) == (first.version, True)


async def test_of_two_requests_under_one_id_at_once_one_is_told_so() -> None:
    commits = MemoryCommits(pause=lambda _: asyncio.sleep(0))
    subject = await opened(commands_on(commits))
    request = a_request()
    answers = await asyncio.gather(
        commands_on(commits).execute(TALLY, subject, Add(), request),
        commands_on(commits).execute(TALLY, subject, Add(), replace(request, request_hash="11")),
        return_exceptions=True,
    )
    assert {type(one) for one in answers} == {Accepted, KeyReused}
    assert len(commits.durable()) == 2


async def test_a_refusal_is_explained_and_not_remembered() -> None:
    commands = commands_on(commits := MemoryCommits())
    subject = await opened(commands)
    closed = await accepted(commands, subject, Close())
    refused = await commands.execute(TALLY, subject, Add(), request := a_request())
    assert isinstance(refused, Refused)
    assert [one.rule for one in refused.unmet] == ["TALLY-1"]
    assert commits.durable()[-1] == closed.commit
    reopened = replace(TALLY, decide=lambda c, s, x: decide(c, Tally(org=s.org), x))
    answer = await commands.execute(reopened, subject, Add(), request)
    assert isinstance(answer, Accepted)
    assert not answer.repeated


@pytest.mark.parametrize("events", [[], "wrong topic"])
async def test_to_accept_without_an_event_of_its_topic_is_a_programming_error(
    events: object,
) -> None:
    decider = TALLY if events == [] else replace(TALLY, topic=Topic.OFFER)
    command = Nothing() if events == [] else Open(org=AGENCY)
    commands = commands_on(commits := MemoryCommits())
    with pytest.raises(TypeError, match=type(command).__name__):
        await commands.execute(decider, uuid4(), command, a_request())
    assert commits.durable() == []


async def test_a_version_that_has_passed_is_told_with_the_present_one() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    await accepted(commands, subject, Add(parts=4), a_request(expected=1))
    with pytest.raises(Changed) as changed:
        await commands.execute(TALLY, subject, Add(), a_request(expected=1))
    assert changed.value.version == 5


async def test_a_known_command_gets_its_first_answer_whatever_version_it_expects() -> None:
    commands = commands_on(MemoryCommits())
    subject = await opened(commands)
    request = a_request(expected=1)
    first = await accepted(commands, subject, Add(), request)
    assert await accepted(commands, subject, Add(), request) == replace(first, repeated=True)


async def test_too_much_at_once_is_refused_and_nothing_is_written() -> None:
    commands = commands_on(commits := MemoryCommits())
    subject = await opened(commands)
    with pytest.raises(CommitTooLarge):
        await commands.execute(TALLY, subject, Add(parts=700), a_request())
    assert len(commits.durable()) == 1


async def test_a_stream_with_a_hole_is_not_built_on() -> None:
    commits = MemoryCommits()
    await commits.insert([a_commit(subject := uuid4(), 1), a_commit(subject, 3)])
    with pytest.raises(StoreUnavailable, match="0000000003"):
        await commands_on(commits).execute(TALLY, subject, Add(), a_request(an_actor(HUB)))


def test_a_request_hash_is_equal_for_equal_requests_only() -> None:
    key, command = b"k" * 32, Add(count=2)
    others = [
        request_hash(b"l" * 32, command),
        request_hash(key, Add(count=3)),
        request_hash(key, Add(count=1, parts=2)),
        request_hash(key, Close()),
        request_hash(key, Nothing()),
    ]
    assert request_hash(key, command) == request_hash(key, Add(count=2))
    assert len({*others, request_hash(key, command)}) == 6
