"""A quarter that is played while the processes of its hub are killed, and what came of it."""

from __future__ import annotations

import asyncio
import math
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Any

import httpx

from rjhub.client import Json
from rjhub.demo import ask
from rjhub.demo.caller import MOST_CALLS_AT_ONCE, PATIENCE_SECONDS, Caller
from rjhub.demo.figures import Figure, differences, expected, less
from rjhub.demo.play import OnDay, no_progress, play
from rjhub.demo.quarter import Planned, small_quarter
from rjhub.demo.stories import Case
from rjhub.keeper import LIVES_LONG
from tests.support import eventually
from tests.support_hub import Hub

SIX = ("mongod", "broker", "referral", "consent", "facilitation", "reporting")
LONGEST_PAUSE = 0.3
LONGEST_PLAY_SECONDS = 1800
MORE = small_quarter(20)
REST_SECONDS = 5 + LIVES_LONG  # to become ready, and then to live for long

# A reservation is looked after where a day is over before it was confirmed: how often that is so
# depends on how fast the machine is, for days of the quarter last as long as its calls take.
LOOKED_AFTER = "It was found that a facilitator who was reserved"
# Who got no answer when asking to begin asks anew: the clearance before is there and was not used.
ASKED_ANEW = "may begin: "

Timeline = Counter[tuple[str, str, str]]


@dataclass
class Witness(Caller):
    """Plays a quarter, and keeps every answer to a command."""

    answers: list[Json] = field(default_factory=list)

    async def tell(self, *what: Any, **how: Any) -> httpx.Response:
        """Send a command until it is answered."""
        answer = await super().tell(*what, **how)
        if answer.is_success:
            self.answers.append(answer.json())
        return answer


@dataclass(frozen=True)
class Kill:
    """Which process is killed on which day of the quarter, and how long after it began."""

    day: int
    pause: float
    name: str


@dataclass
class Calendar:
    """Which day of the quarter it is."""

    on_day: OnDay
    day: int = 0

    def turned(self, day: int, moment: datetime) -> None:
        """A day began."""
        self.day = day
        self.on_day(day, moment)

    async def reaches(self, day: int) -> None:
        """Wait until that day has begun."""
        await eventually(lambda: self.day >= day, LONGEST_PLAY_SECONDS, every=0.01)


@dataclass(frozen=True)
class Played:
    """A quarter that was played: its cases, and what reporting told before it."""

    cases: Sequence[Case]
    before: Mapping[str, Figure]
    last_day: int


def kills(count: int, seed: int, last_day: int) -> list[Kill]:
    """All six in any order, then again; at random moments up to the last day of any work."""
    chance = random.Random(seed)
    rounds = -(-count // len(SIX))
    names = [one for _ in range(rounds) for one in chance.sample(SIX, len(SIX))][:count]
    days = sorted(chance.choices(range(1, last_day), k=count))
    return [
        Kill(day, chance.uniform(0, LONGEST_PAUSE), name)
        for day, name in zip(days, names, strict=True)
    ]


async def played(witness: Witness, plan: Sequence[Planned], on_day: OnDay = no_progress) -> Played:
    """Play these cases, until reporting has all that was answered: another play may begin."""
    before, calendar = await ask.figures(witness), Calendar(on_day)
    cases = await play(witness, plan, calendar.turned)
    await ask.figures(witness, cases)
    return Played(cases, before, calendar.day)


async def not_as_planned(witness: Witness, play: Played) -> list[str]:
    """Every figure of this play, the last that there was, that is not as its plan has it."""
    told = less(await ask.figures(witness, play.cases), play.before)
    return [*differences(expected([case.plan for case in play.cases]), told)]


async def otherwise(witness: Witness, without: Played, play: Played) -> list[str]:
    """What a case's timeline tells besides what it told without, or does not tell, in words."""
    pairs = zip(without.cases, play.cases[: len(without.cases)], strict=True)
    found = []
    for one, other in pairs:
        before, after = await _told(witness, one), await _told(witness, other)
        if more := after - before:
            found.append(f"case {other.plan.number} tells besides {[*more.elements()]}")
        if fewer := before - after:
            found.append(f"case {other.plan.number} does not tell {[*fewer.elements()]}")
    return found


async def _told(witness: Witness, case: Case) -> Timeline:
    """The order of what did not cause each other, and a timer's day, may differ."""
    entries = await ask.timeline(witness, case)
    told = [(one["role"], one["words"], one["cause"] or "") for one in entries]
    counted = Counter(one for one in told if not one[1].startswith(LOOKED_AFTER))
    return Counter({one: 1 if ASKED_ANEW in one[1] else n for one, n in counted.items()})


async def played_while_killed(
    hub: Hub,
    witness: Witness,
    plan: Sequence[Planned],
    planned: Sequence[Kill],
    on_day: OnDay = no_progress,
) -> Played:
    """The same, while these processes are killed.

    Smaller quarters follow until all are, so that each kill meets casework; their cases come last.
    """
    calendar = Calendar(on_day)
    async with asyncio.TaskGroup() as group:
        killing = group.create_task(_kill_all(hub, planned, calendar))
        play = await played(witness, plan, calendar.turned)
        cases = list(play.cases)
        while not killing.done():
            cases += (await played(witness, MORE)).cases
        await killing
    return replace(play, cases=cases)


async def _kill_all(hub: Hub, planned: Sequence[Kill], calendar: Calendar) -> None:
    """Who was begun a moment ago is left alone: who ends early is begun later each time."""
    begun = dict.fromkeys(SIX, -math.inf)
    for kill in planned:
        await calendar.reaches(kill.day)
        await asyncio.sleep(max(kill.pause, begun[kill.name] + REST_SECONDS - monotonic()))
        await _kill(hub, kill.name)
        begun[kill.name] = monotonic()


async def _kill(hub: Hub, name: str) -> None:
    pid = hub.pid(name)
    hub.send(name, signal.SIGKILL)
    await eventually(lambda: hub.has_another(name, pid), PATIENCE_SECONDS)


@asynccontextmanager
async def witness_of(hub: Hub) -> AsyncIterator[Witness]:
    """A caller of this hub."""
    limits = httpx.Limits(max_connections=MOST_CALLS_AT_ONCE)
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits) as http:
        yield Witness(hub.file, http)
