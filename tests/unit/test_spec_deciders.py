"""The given, when, then of deciders: what it shows, and what it catches by itself."""

from datetime import datetime, timedelta

import pytest
from pydantic import Field

from contracts.envelope import Event
from contracts.fields import Count, Role
from kernel.decider import Command, Context, Decider, Decision, Refused, Rule, State
from kernel.testing.spec import HUB, NOW, an_id, deciding, new_id

CLOSED_ONLY = Rule("DOOR-01", "an open door cannot be opened", "test")


class DoorBuilt(Event):
    """The door was built."""


class DoorOpened(Event):
    """The door was opened."""

    times: Count


class OpenDoor(Command):
    """Open it."""


class Door(State):
    """How often it was opened."""

    times: int = 0
    marks: list[str] = Field(default_factory=list)
    is_open: bool = False


def evolve(door: Door, event: Event) -> Door:
    match event:
        case DoorOpened(times=times):
            return Door(times=times, is_open=True)
        case _:
            return door


def decide(command: OpenDoor, door: Door, context: Context) -> Decision:
    if door.is_open:
        return Refused((CLOSED_ONLY.unmet("close it first"),))
    return [DoorOpened(times=door.times + 1)]


def a_door(**changes: object) -> Decider[OpenDoor, Door]:
    shape = {
        "category": "door",
        "initial": Door(),
        "evolve": evolve,
        "decide": decide,
        "opens": (OpenDoor,),
        "controller": lambda _: HUB,
        "seen_by": lambda _: frozenset(),
    }
    return Decider(**(shape | changes))  # type: ignore[arg-type]


given = deciding(a_door())


def test_an_accepted_command_gives_its_events() -> None:
    given(DoorBuilt()).when(OpenDoor()).then(DoorOpened(times=1))


def test_a_refusal_is_named_by_its_rules() -> None:
    given(DoorOpened(times=1)).when(OpenDoor()).refused_by("DOOR-01")


def test_another_event_than_expected_fails_and_shows_both() -> None:
    with pytest.raises(AssertionError) as failed:
        given().when(OpenDoor()).then(DoorOpened(times=2))
    assert "-     times: 2" in str(failed.value)
    assert "+     times: 1" in str(failed.value)


def test_an_event_of_the_same_fields_but_another_kind_fails() -> None:
    with pytest.raises(AssertionError, match="DoorBuilt"):
        given().when(OpenDoor()).then(DoorBuilt())


def test_a_refusal_fails_an_expectation_of_events_and_says_its_words() -> None:
    with pytest.raises(AssertionError, match="DOOR-01: an open door"):
        given(DoorOpened(times=1)).when(OpenDoor()).then(DoorOpened(times=2))


def test_an_acceptance_fails_an_expectation_of_refusal() -> None:
    with pytest.raises(AssertionError, match="accepted with DoorOpened"):
        given().when(OpenDoor()).refused_by("DOOR-01")


def test_one_rule_too_few_fails() -> None:
    with pytest.raises(AssertionError, match="DOOR-02"):
        given(DoorOpened(times=1)).when(OpenDoor()).refused_by("DOOR-01", "DOOR-02")


def test_moment_actor_and_ids_reach_the_decision() -> None:
    seen: list[Context] = []

    def watch(command: OpenDoor, door: Door, context: Context) -> Decision:
        seen.append(context)
        return [DoorOpened(times=1)]

    org = an_id("another organisation")
    later: datetime = NOW + timedelta(days=1)
    deciding(a_door(decide=watch))().at(later).by(Role.OFFICER, org).when(OpenDoor())
    assert (seen[0].now, seen[0].actor.role, seen[0].actor.org) == (later, Role.OFFICER, org)
    assert seen[0].new_id("door") == new_id("door")


def test_state_is_the_state_after_the_decision() -> None:
    assert given().when(OpenDoor()).state() == Door(times=1, is_open=True)


def changed_at_each_call() -> Decider[OpenDoor, Door]:
    count = iter(range(1, 9))
    return a_door(decide=lambda *_: [DoorOpened(times=next(count))])


def marks_the_state(command: OpenDoor, door: Door, context: Context) -> Decision:
    door.marks.append("decided")
    return [DoorBuilt()]


def forgets(door: Door, event: Event) -> Door:
    return None  # type: ignore[return-value]


def marks_in_evolve(door: Door, event: Event) -> Door:
    door.marks.append("evolved")
    return Door()


def without_words(command: OpenDoor, door: Door, context: Context) -> Decision:
    return Refused((Rule("DOOR-09", "", "test").unmet("x"),))


@pytest.mark.parametrize(
    ("decider", "words"),
    [
        (changed_at_each_call(), "answered twice differently"),
        (a_door(decide=marks_the_state), "decide is not pure: it changed the state"),
        (a_door(decide=lambda *_: []), "what is accepted is recorded"),
        (a_door(decide=lambda *_: Refused(())), "at least one rule"),
        (a_door(decide=without_words), "explains itself"),
        (a_door(evolve=forgets), "evolve has no state after DoorOpened"),
        (a_door(evolve=marks_in_evolve), "evolve is not pure"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_run_also_checks(decider: Decider[OpenDoor, Door], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        deciding(decider)().when(OpenDoor())


class Trimmed(Event):
    """An event that JSON does not give back."""

    times: Count

    def model_dump_json(self, **_: object) -> str:
        return '{"times": 0}'


def test_an_event_that_json_changes_fails() -> None:
    with pytest.raises(AssertionError, match="JSON changed the event"):
        given(Trimmed(times=3)).when(OpenDoor())
