"""`rjhub demo`: the published quarter, played on a hub of its own or on one that runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import stamina.instrumentation
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rjhub.child import HubError
from rjhub.client import Json
from rjhub.demo import ask, tell
from rjhub.demo.caller import Call, calling
from rjhub.demo.figures import Figure, differences, expected, less
from rjhub.demo.play import OnDay, play
from rjhub.demo.quarter import DAYS, Course, Planned, quarter
from rjhub.demo.stories import Asked, Case
from rjhub.ending import Ending
from rjhub.folder import is_held, write_private
from rjhub.gateway import behind_gateway
from rjhub.hubfile import Reach, read_hub_file
from rjhub.supervisor import Told, running

T = TypeVar("T")

SHOWN = {
    "A meeting": Course.MEETING,
    "A letter": Course.LETTER,
    "A withdrawal": Course.LETTER_AFTER_CANCELLED_MEETING,
}
TOLD_EVERY = 0.2


class FiguresDiffer(HubError):
    """Reporting tells other figures than the plan comes to."""

    exit_code = 1


class NotPlayed(HubError):
    """Told to end before the quarter came to its end."""

    exit_code = 1


@dataclass
class Played:
    """What came of a play."""

    cases: Sequence[Case]
    quarter: dict[str, Figure]
    hub: dict[str, Figure]
    timelines: dict[str, list[Json]]
    asked: Sequence[Asked]
    calls: Sequence[Call]


@dataclass
class Watch:
    """How long each step took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens in the block."""
        began = monotonic()
        try:
            yield
        finally:
            self.seconds[name] = monotonic() - began


def run(folder: Path, console: Console, *, against: str | None, key: Path | None) -> None:
    """Play, print, write `demo.json`; raises FiguresDiffer, PlayFailed or why it cannot begin."""
    stamina.instrumentation.set_on_retry_hooks([])
    watch, plan = Watch(), quarter()
    try:
        with watch.step("total"):
            played = _play_somewhere(folder, console, against, key, plan, watch)
    except Told:
        raise NotPlayed("Told to end before the quarter was played.") from None
    show(console, played, watch)
    write(folder, played, watch)
    console.print(f"\nThe same for programs: {folder.absolute() / 'demo.json'}")
    if wrong := [*differences(expected(plan), played.quarter)]:
        raise FiguresDiffer("Not as planned:\n  " + "\n  ".join(wrong))


def _play_somewhere(
    folder: Path,
    console: Console,
    against: str | None,
    key: Path | None,
    plan: Sequence[Planned],
    watch: Watch,
) -> Played:
    if against:
        reach = behind_gateway(against, key)
        return asyncio.run(perform(reach, plan, console, watch))
    if is_held(folder):
        console.print(f"A hub runs in {folder}: the quarter is played on it.")
        return asyncio.run(perform(read_hub_file(folder), plan, console, watch))
    return _on_a_hub_of_its_own(folder, console, plan, watch)


def _on_a_hub_of_its_own(
    folder: Path, console: Console, plan: Sequence[Planned], watch: Watch
) -> Played:
    """Starts a hub in the folder, and stops it; a signal ends both."""
    console.print("Starting the hub: database, broker, four services …")
    with ExitStack() as stack:
        up = stack.enter_context(running(folder, console.print))
        watch.seconds["start"] = up.seconds
        played = asyncio.run(_unless_told(up.told, perform(up.file, plan, console, watch)))
        with watch.step("stop"):
            stack.close()
    return played


async def _unless_told(told: Ending, work: Coroutine[Any, Any, T]) -> T:
    """Do it; raises Told, and leaves it, once we are told to end."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=TOLD_EVERY)
        if told.wait(0) and not task.done():
            task.cancel()
            await asyncio.wait({task})
            raise Told("Told to end while playing.")
    return task.result()


async def perform(hub: Reach, plan: Sequence[Planned], console: Console, watch: Watch) -> Played:
    """Play these cases on a hub, and ask it what came of them."""
    async with calling(hub) as caller:
        before = await ask.figures(caller)
        with watch.step("play"), _progress(console) as turned:
            cases = await play(caller, plan, turned)
        with watch.step("ask"):
            after = await ask.figures(caller, cases)
            shown = {title: _first(cases, course) for title, course in SHOWN.items()}
            told = {title: await ask.timeline(caller, one) for title, one in shown.items()}
        asked = shown["A meeting"].asked
        return Played(cases, less(after, before), after, told, asked, caller.calls)


@contextmanager
def _progress(console: Console) -> Iterator[OnDay]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("day {task.completed:.0f}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        bar = progress.add_task("The quarter begins", total=DAYS)

        def turned(day: int, moment: datetime) -> None:
            progress.update(bar, completed=day, description=f"{moment:%a %d %b %Y}")

        yield turned
        progress.update(bar, completed=DAYS)


def _first(cases: Sequence[Case], course: Course) -> Case:
    return next(one for one in cases if one.plan.course is course)


def show(console: Console, played: Played, watch: Watch) -> None:
    """Print all of it."""
    console.print(tell.figures_table(played.quarter, played.hub))
    console.print(tell.settings_table(played.quarter))
    console.print(tell.endings_table(played.quarter))
    for title, entries in played.timelines.items():
        console.print(tell.timeline_table(title, entries))
    question = "Why can't I arrange a meeting? Asked before and after everybody was prepared"
    console.print(tell.why_not(question, played.asked))
    console.print(tell.time_table(watch.seconds, played.calls))


def write(folder: Path, played: Played, watch: Watch) -> None:
    """Keep the same for programs, in `demo.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(tell.as_json(played.quarter, watch.seconds), indent=2)
    write_private(folder / "demo.json", text + "\n")
