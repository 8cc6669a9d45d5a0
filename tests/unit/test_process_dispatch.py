"""What policies send: once in effect, in order, with its cause, and never a second time."""

from contracts.envelope import Position
from contracts.fields import Role
from kernel.process.dispatch import system_actor
from kernel.process.policy import command_id
from kernel.testing.spec import CASE, HUB, an_id
from tests.process_world import World, rung


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


async def test_an_id_follows_from_policy_cause_target_and_step() -> None:
    """Each of the four counts: two that differ in one only must not be taken for each other."""
    event, other = an_id("event"), an_id("other event")
    ids = {
        command_id("porter", event, f"gate-{CASE}", "Knock"),
        command_id("verger", event, f"gate-{CASE}", "Knock"),
        command_id("porter", other, f"gate-{CASE}", "Knock"),
        command_id("porter", event, f"gate-{other}", "Knock"),
        command_id("porter", event, f"gate-{CASE}", "Again"),
    }
    assert len(ids) == 5
    assert command_id("porter", event, f"gate-{CASE}", "Knock") in ids
