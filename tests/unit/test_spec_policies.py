"""The given, when, then of policies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field

from contracts.envelope import Event, Recorded, Topic
from contracts.fields import Count
from kernel.decider import Command, State
from kernel.process.policy import Policy, Reaction, Send
from kernel.testing.spec import CASE, NOW, history, reacting, recorded

DUE = NOW + timedelta(days=1)


class Rung(Event):
    """The bell rang."""


class Answered(Event):
    """Somebody opened."""


class Remind(Command):
    """Say that somebody waits."""

    times: Count


class Waiting(State):
    """How often it rang."""

    rung: int = 0
    marks: list[str] = Field(default_factory=list)


def react(state: Waiting, one: Recorded) -> Reaction[Waiting]:
    match one.event:
        case Rung():
            after = Waiting(rung=state.rung + 1)
            remind = Send("door", CASE, Remind(times=after.rung))
            return Reaction(after, (remind,), {"patience": DUE})
        case Answered():
            return Reaction(Waiting(), timers={"patience": None})
        case _:
            return Reaction(state)


def on_timer(state: Waiting, timer: str) -> Reaction[Waiting]:
    return Reaction(state, (Send("door", CASE, Remind(times=state.rung), "again"),))


BELL = Policy(
    name="bell",
    topics=(Topic.CASE,),
    initial=Waiting(),
    react=react,
    on_timer=on_timer,
    gives={"door": (Remind,)},
)
given = reacting(BELL)


def test_an_event_sends_and_arms() -> None:
    after = given().when(recorded(Rung()))
    after.sends(Send("door", CASE, Remind(times=1))).arms({"patience": DUE})
    assert after.state() == Waiting(rung=1)


def test_given_events_count_but_what_they_sent_does_not_show_again() -> None:
    given(recorded(Rung())).when(recorded(Rung(), version=2)).sends(
        Send("door", CASE, Remind(times=2))
    )


def test_an_event_disarms() -> None:
    given(recorded(Rung())).when(recorded(Answered(), version=2)).sends().arms({})


def test_a_due_timer_sends() -> None:
    given(*history(Rung(), Rung())).when_due("patience").sends(
        Send("door", CASE, Remind(times=2), "again")
    ).arms({})


def test_a_timer_that_is_not_armed_cannot_fire() -> None:
    with pytest.raises(AssertionError, match="no timer 'patience' is armed"):
        given().when_due("patience")


def test_another_command_fails_and_shows_both() -> None:
    with pytest.raises(AssertionError) as failed:
        given().when(recorded(Rung())).sends(Send("door", CASE, Remind(times=7)))
    assert "times: 7" in str(failed.value)
    assert "times: 1" in str(failed.value)


def test_another_timer_fails() -> None:
    with pytest.raises(AssertionError, match="armed timers differ"):
        given().when(recorded(Rung())).arms({"patience": DUE + timedelta(1)})


class Shout(Command):
    """A command that no policy here gives."""


def marks(state: Waiting, one: Recorded) -> Reaction[Waiting]:
    state.marks.append("seen")
    return Reaction(Waiting())


def the_same_step_twice(state: Waiting, one: Recorded) -> Reaction[Waiting]:
    return Reaction(state, (Send("door", CASE, Remind(times=1)),) * 2)


def a_command_not_given(state: Waiting, one: Recorded) -> Reaction[Waiting]:
    return Reaction(state, (Send("door", CASE, Shout()),))


def a_category_not_given(state: Waiting, one: Recorded) -> Reaction[Waiting]:
    return Reaction(state, (Send("window", CASE, Remind(times=1)),))


@pytest.mark.parametrize(
    ("react", "words"),
    [
        (marks, "changed the state"),
        (the_same_step_twice, "twice to one stream"),
        (a_command_not_given, "does not say that it gives Shout to door"),
        (a_category_not_given, "does not say that it gives Remind to window"),
    ],
)
def test_every_run_also_checks(react: Any, words: str) -> None:
    with pytest.raises((AssertionError, ValueError), match=words):
        reacting(replace(BELL, react=react))().when(recorded(Rung()))
