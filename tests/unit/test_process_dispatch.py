"""What policies send: once in effect, in order, with its cause, and never a second time."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import Position, Recorded
from contracts.fields import Role
from kernel.process.dispatch import system_actor
from kernel.process.policy import Policy, Reaction, Send, command_id
from kernel.project.memory import MemoryDocuments
from kernel.project.twin import DataFault
from kernel.project.twin import scripted as data_faults
from kernel.store.memory import MemoryCommits
from kernel.testing.spec import CASE, HUB, an_id
from tests.process_world import PORTER, BuildGate, Gatekeeper, Porter, Rung, World, dying_at, rung

OTHER = an_id("other case")


async def test_an_event_becomes_a_command_of_the_own_service() -> None:
    world = World()
    await world.tell(rung(0))
    assert await world.knocks() == (0,)
    assert (await world.agenda()).todo == ()


async def test_a_sent_command_names_its_cause_and_acts_as_the_system() -> None:
    world, cause = World(), rung(0, traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01")
    await world.tell(cause)
    built, _ = await world.envelopes()
    system = system_actor("gate", HUB)
    assert built.causation == cause.envelope.id
    assert built.correlation == cause.envelope.correlation
    assert built.causes == (Position(f"bell-{CASE}", 1),)
    assert built.traceparent == cause.envelope.traceparent
    assert (built.role, built.org, built.actor) == (Role.SYSTEM, HUB, system.id)


EARLIER = Position(f"bell-{CASE}", 1)
ELSEWHERE = Position(f"tower-{CASE}", 4)


def holding_back(state: Porter, one: Recorded) -> Reaction[Porter]:
    return Reaction(state, (Send("gate", CASE, BuildGate(), also=(ELSEWHERE, EARLIER)),))


async def test_a_command_that_was_held_back_names_what_it_was_held_back_from() -> None:
    world = World((replace(PORTER, react=holding_back),))
    await world.tell(rung(0))
    (built,) = await world.envelopes()
    assert built.causes == (EARLIER, ELSEWHERE)
    assert built.causation == rung(0).envelope.id


def test_an_id_follows_from_policy_cause_target_and_step() -> None:
    """Each of the four counts: two that differ in one only must not be taken for each other."""
    event, other = an_id("event"), an_id("other event")
    ids = {
        command_id("porter", event, f"gate-{CASE}", "Knock"),
        command_id("verger", event, f"gate-{CASE}", "Knock"),
        command_id("porter", other, f"gate-{CASE}", "Knock"),
        command_id("porter", event, f"gate-{OTHER}", "Knock"),
        command_id("porter", event, f"gate-{CASE}", "Again"),
    }
    assert len(ids) == 5
    assert command_id("porter", event, f"gate-{CASE}", "Knock") in ids


def to_both_gates(state: Porter, one: Recorded) -> Reaction[Porter]:
    build = BuildGate()
    return Reaction(state, (Send("gate", CASE, build), Send("gate", OTHER, build)))


async def test_one_event_sends_the_same_step_to_two_streams_under_two_ids() -> None:
    world = World((replace(PORTER, react=to_both_gates),))
    await world.tell(rung(0))
    (here,), (there,) = await world.envelopes(CASE), await world.envelopes(OTHER)
    assert here.command != there.command
    assert here.command == command_id("porter", rung(0).envelope.id, f"gate-{CASE}", "BuildGate")


async def test_commands_to_one_stream_go_in_the_order_of_their_causes() -> None:
    world = World()
    await world.tell(*(rung(n) for n in range(8)))
    assert await world.knocks() == tuple(range(8))


async def test_what_one_event_sends_goes_in_the_order_given() -> None:
    world = World()
    await world.tell(rung(0))
    assert [one.type for one in await world.envelopes()] == ["rj.GateBuilt.v1", "rj.Knocked.v1"]


async def test_an_event_that_arrives_again_sends_nothing() -> None:
    world = World()
    await world.tell(rung(0), rung(1))
    before = await world.envelopes()
    await world.tell(rung(0), rung(1))
    assert await world.envelopes() == before


async def test_a_replay_from_another_log_sends_nothing() -> None:
    """Even where the own store has lost what was sent: a replay is known by its version alone."""
    world = World()
    await world.tell(rung(0), rung(1))
    bereft = world.restarted(commits=MemoryCommits())
    await bereft.fold(rung(0), rung(1), log="log 2")
    await bereft.loop.settle()
    assert await bereft.envelopes() == []


async def test_a_replay_from_another_log_goes_on_where_the_first_log_ended() -> None:
    world = World()
    await world.tell(rung(0), rung(1))
    await world.fold(rung(0), rung(1), rung(2), log="log 2")
    await world.loop.settle()
    assert await world.knocks() == (0, 1, 2)


@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_a_crash_after_dispatch_leaves_one_effect(nth: int) -> None:
    world = World()
    await world.fold(rung(0), rung(1))
    with dying_at("after_dispatch", nth):
        await world.loop.settle()
    assert len((await world.agenda()).todo) == 4 - nth
    heir = world.restarted()
    await heir.loop.settle()
    assert await heir.knocks() == (0, 1)
    assert len(await heir.envelopes()) == 3
    assert (await heir.agenda()).todo == ()


async def test_a_crash_before_dispatch_loses_nothing() -> None:
    world = World()
    await world.fold(rung(0))
    heir = world.restarted()
    await heir.loop.settle()
    assert await heir.knocks() == (0,)


@pytest.mark.parametrize("fault", [DataFault.AWAY, DataFault.REPLY_LOST, DataFault.OVERTAKEN])
async def test_a_removal_that_fails_or_is_overtaken_is_done_once(fault: DataFault) -> None:
    documents = MemoryDocuments()
    world = World(documents=documents)
    await world.fold(rung(0), rung(1))
    documents.twin.faults = data_faults("documents.write", fault)
    await world.loop.settle()
    await world.loop.settle()
    assert await world.knocks() == (0, 1)
    assert len(await world.envelopes()) == 3
    assert (await world.agenda()).todo == ()


async def test_an_event_folded_while_a_command_is_sent_is_not_undone() -> None:
    world = World()
    keeper = Gatekeeper(world.dispatcher)
    keeper.meanwhile = lambda: world.fold(rung(1))
    meddled = replace(world.attendants[0], dispatcher=keeper)
    await world.fold(rung(0))
    await meddled.attend(CASE)
    agenda = await world.agenda()
    assert agenda.state["rung"] == 2
    assert await world.knocks() == (0, 1)


async def test_two_processes_on_one_document_have_one_effect() -> None:
    world = World()
    await world.fold(rung(0), rung(1), rung(2))
    twin = world.restarted()
    keeper = Gatekeeper(world.dispatcher)
    keeper.meanwhile = twin.loop.settle
    await replace(world.attendants[0], dispatcher=keeper).attend(CASE)
    assert await world.knocks() == (0, 1, 2)
    assert len(await world.envelopes()) == 4


async def test_a_policy_that_gives_commands_to_another_service_cannot_start() -> None:
    abroad: Policy[Any] = replace(PORTER, gives={"harbour": (BuildGate,)})
    with pytest.raises(LookupError, match=r"porter gives commands to unknown .*harbour"):
        World((abroad,))


async def test_each_case_is_its_own() -> None:
    world = World()
    await world.tell(rung(0), rung(0, subject=OTHER), rung(1, subject=OTHER))
    assert (await world.knocks(CASE), await world.knocks(OTHER)) == ((0,), (0, 1))


def by_number(one: Any) -> UUID | None:
    return None


async def test_a_policy_without_a_document_for_a_stream_ignores_it() -> None:
    world = World((replace(PORTER, key=by_number),))
    await world.tell(rung(0))
    assert await world.envelopes() == []


def widened(version: int, state: dict[str, object]) -> dict[str, object]:
    rung_so_far = state["rung"]
    assert isinstance(rung_so_far, int)
    return {"rung": rung_so_far * 100}


async def test_a_new_version_takes_over_where_the_old_one_stands() -> None:
    old = World()
    await old.tell(rung(0))
    await old.fold(rung(1))
    second = replace(PORTER, version=2, upgrade=widened)
    new = old.restarted(policies=(second,))
    await new.tell(rung(0), rung(1), rung(2))
    agenda = await new.agenda(policy=second)
    assert (agenda.policy_version, agenda.state["rung"]) == (2, 201)
    assert await new.knocks() == (0, 1, 2)
    assert len(await new.envelopes()) == 4


async def test_a_version_behind_touches_no_document_of_a_newer_one() -> None:
    new = World((replace(PORTER, version=2),))
    await new.fold(rung(0))
    old = new.restarted(policies=(PORTER,))
    await old.tell(rung(1))
    assert await old.envelopes() == []
    found = await old.documents.load(old.attendants[0].projection.view, [CASE])
    assert found[CASE].body["state"]["rung"] == 1
    await new.loop.settle()
    assert await new.knocks() == (0,)


async def test_a_reaction_that_fails_parks_its_case_alone() -> None:
    def fails_at_seven(state: Porter, one: Recorded) -> Reaction[Porter]:
        match one.event:
            case Rung(n=7):
                raise ZeroDivisionError
            case _:
                return PORTER.react(state, one)

    world = World((replace(PORTER, react=fails_at_seven),))
    await world.tell(rung(0), rung(7, 2), rung(0, subject=OTHER), rung(2, 3))
    assert (await world.knocks(CASE), await world.knocks(OTHER)) == ((0,), (0,))
    found = await world.documents.load(world.attendants[0].projection.view, [CASE, OTHER])
    assert found[CASE].parked
    assert not found[OTHER].parked
