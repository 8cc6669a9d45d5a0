"""Runs a hub on one machine: engines and services are started, kept alive, and ended in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rjhub.child import HubError, Spec
from rjhub.ending import Ending, told_to_end
from rjhub.engines import check_engines, checkpoint
from rjhub.folder import Folder, opened
from rjhub.hubfile import HubFile
from rjhub.keeper import Keeper, Say
from rjhub.leftovers import Record, end_leftovers
from rjhub.options import MIN_FREE_MB
from rjhub.plan import Plan, choose_ports, database_moves, make_plan, write_hub_file
from rjhub.topics import make_topics_anew

FRESH_TOKENS_EVERY = 6 * 3600.0
NEXT_TRY_SECONDS = 60.0


class Told(HubError):
    """Told to end while still starting."""

    exit_code = 0


class Supervisor:
    """Children in groups: the last one started is the first to end."""

    def __init__(self, folder: Folder, say: Say) -> None:
        self._folder, self._say = folder, say
        self._record = Record(folder.children_file)
        self._groups: list[list[Keeper]] = []

    def start(
        self, specs: Iterable[Spec], on_ready: dict[str, Callable[[], str]] | None = None
    ) -> list[Keeper]:
        """Start a group of children, which `wait_for` waits for."""
        ready = on_ready or {}
        group = [
            Keeper(
                spec,
                self._fresh_log(spec.name),
                self._say,
                spawned=self._record.add,
                on_ready=ready.get(spec.name, lambda: ""),
            )
            for spec in specs
        ]
        self._groups.append(group)
        for keeper in group:
            keeper.start()
        return group

    def stop(self) -> None:
        """End all children, the last group first; returns when they are gone."""
        for group in reversed(self._groups):
            ending = [threading.Thread(target=keeper.stop) for keeper in group]
            for thread in ending:
                thread.start()
            for thread in ending:
                thread.join()
        self._record.clear()

    def _fresh_log(self, name: str) -> Path:
        """The log of this run; that of the run before is kept as `.1`."""
        log = self._folder.log(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log


def wait_for(children: Iterable[Keeper], told: Ending, beside: Iterable[Keeper] = ()) -> None:
    """Return when all are ready; raise what kept one from it, or Told if told to end first.

    Of those `beside` nobody waits for one, but what keeps it from being ready is raised, too.
    """
    left, looked_at = list(children), list(beside)
    while left:
        done = [one for one in (*left, *looked_at) if one.first.done()]
        for keeper in done:
            keeper.first.result()
        left = [one for one in left if one not in done]
        if left and told.wait(0.02):
            raise Told("Told to end while starting.")


@dataclass(frozen=True)
class Up:
    """A hub that runs until the block ends, and whether it was told to end meanwhile."""

    folder: Folder
    plan: Plan
    file: HubFile
    told: Ending
    seconds: float


def run(
    path: Path,
    say: Say,
    *,
    first_port: int | None = None,
    min_free_mb: int = MIN_FREE_MB,
    plan_of: Callable[[Folder, Mapping[str, int]], Plan] = make_plan,
) -> None:
    """Run a hub in this folder until told to end; raises HubError if it cannot start."""
    hub = running(path, say, first_port=first_port, min_free_mb=min_free_mb, plan_of=plan_of)
    with suppress(Told), hub as up:
        say(welcome(up.folder, up.file, up.seconds))
        keep_tokens_fresh(up.told, partial(write_hub_file, up.folder, up.plan.ports), say)
    say(f"Ended. The data is kept in {path.absolute()}.")


@contextmanager
def running(
    path: Path,
    say: Say,
    *,
    first_port: int | None = None,
    min_free_mb: int = MIN_FREE_MB,
    plan_of: Callable[[Folder, Mapping[str, int]], Plan] = make_plan,
) -> Iterator[Up]:
    """A hub in this folder for as long as the block lasts; raises HubError if it cannot start."""
    began = time.monotonic()
    check_engines()
    with opened(path, min_free_mb) as folder, told_to_end() as told:
        if left := end_leftovers(folder.children_file):
            say(f"Ended what a crashed hub had left running: {', '.join(left)}. Its data is kept.")
        ports = choose_ports(folder, first_port)
        if moved := database_moves(folder, ports):
            say(moved)
        plan = plan_of(folder, ports)
        supervisor = Supervisor(folder, say)
        try:
            start_all(supervisor, plan, told)
            file = write_hub_file(folder, plan.ports)
            yield Up(folder, plan, file, told, time.monotonic() - began)
            say("Ending …")
        except Told:
            say("Ending …")
            raise
        finally:
            supervisor.stop()


def start_all(supervisor: Supervisor, plan: Plan, told: Ending) -> None:
    """Engines, and the services once there are topics; for the database they wait themselves."""
    database, broker = supervisor.start(
        [plan.mongod, plan.broker],
        {
            "mongod": lambda: _note_how_far(plan.mongod.url),
            "broker": lambda: _make_topics(plan.broker.url),
        },
    )
    wait_for([broker], told, beside=[database])
    wait_for([database, *supervisor.start(plan.services)], told)


def welcome(folder: Folder, hub: HubFile, seconds: float) -> str:
    """What stands where, for a person to read."""
    places = {**hub.services, "Kafka": hub.kafka, "MongoDB": hub.mongo}
    width = max(map(len, places))
    lines = [f"  {name:<{width}}  {place}" for name, place in places.items()]
    return "\n".join(
        [
            f"The hub is ready after {seconds:.1f} s:",
            *lines,
            f"Tokens to call it with: {folder.hub_file}. Logs: {folder.path / 'log'}.",
            "Ctrl-C ends everything; the data is kept.",
        ]
    )


def _note_how_far(mongo_url: str) -> str:
    checkpoint(mongo_url)
    return ""


def _make_topics(bootstrap: str) -> str:
    make_topics_anew(bootstrap)
    return ", with topics made again: its log is in memory, the services publish their stores anew"


def keep_tokens_fresh(told: Ending, write: Callable[[], object], say: Say) -> None:
    """Write fresh tokens now and then until told to end; where that fails, it is tried again."""
    pause = FRESH_TOKENS_EVERY
    while not told.wait(pause):
        try:
            write()
        except OSError as wrong:
            pause = NEXT_TRY_SECONDS
            say(f"Fresh tokens could not be written: {wrong}; next try in {pause:.0f} s.")
        else:
            pause = FRESH_TOKENS_EVERY
