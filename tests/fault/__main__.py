"""`python -m tests.fault FAULTS CASES [SEED]`: so much casework of a quarter with so many kills."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import stamina.instrumentation

from rjhub.demo.quarter import DAYS, Planned, small_quarter
from tests.engines import chosen
from tests.support import eventually
from tests.support_checker import Checker, Kind
from tests.support_hub import Hub, start
from tests.support_quarter import (
    Played,
    Witness,
    kills,
    not_as_planned,
    otherwise,
    played,
    played_while_killed,
    witness_of,
)

SETTLED_WITHIN = 120
MOST = 20


async def run(hub: Hub, plan: Sequence[Planned], faults: int, seed: int) -> bool:
    """Play without and with kills, and print what is wrong, then the one line; True if nothing."""
    await hub.ready()
    async with witness_of(hub) as witness:
        print("A quarter without a fault …", flush=True)
        without = await played(witness, plan, _days)
        print(f"The same with {faults} kills, seed {seed} …", flush=True)
        planned = kills(faults, seed, without.last_day)
        play = await played_while_killed(hub, witness, plan, planned, _days)
        changed = await _changed(witness, without, play)
    return await _tally(hub, witness, changed, len(plan), seed)


async def _changed(witness: Witness, without: Played, play: Played) -> list[str]:
    """What stays otherwise once the hub has settled: what follows of itself comes in its time."""
    changed = list[str]()

    async def as_without() -> bool:
        nonlocal changed
        changed = await not_as_planned(witness, play)
        changed += await otherwise(witness, without, play)
        return not changed

    with suppress(AssertionError):
        await eventually(as_without, SETTLED_WITHIN, every=5)
    return changed


async def _tally(hub: Hub, witness: Witness, changed: Sequence[str], cases: int, seed: int) -> bool:
    checker = Checker(hub.file.mongo, hub.file.kafka, witness.answers)
    try:
        await eventually(checker.is_sound, SETTLED_WITHIN, every=2)
        found = []
    except AssertionError:
        found = checker.faults()
    for one in [*changed, *map(str, found)][:MOST]:
        print(one)
    of = Counter(one.kind for one in found)
    told = ", ".join(f"{kind} {of[kind]}" for kind in Kind)
    differ = {one.split()[1] for one in changed if one.startswith("case ")}
    print(
        f"acknowledged {len(witness.answers)}, {told}, "
        f"histories {cases - len(differ)} of {cases} as without, seed {seed}"
    )
    return not changed and not found


def _days(day: int, moment: datetime) -> None:
    if day % 10 == 0:
        print(f"  day {day} of {DAYS}, {moment:%d %b %Y}", flush=True)


def main() -> None:
    """End with 1 if anything was lost, doubled, missing, out of order or otherwise."""
    stamina.instrumentation.set_on_retry_hooks([])
    faults, cases, *seeds = map(int, sys.argv[1:])
    seed = seeds[0] if seeds else random.randrange(2**32)
    chosen.prepare()
    folder, sound = Path(tempfile.mkdtemp()), False
    hub = start(folder / ".rjhub", "--min-free-mb", "0")
    try:
        sound = asyncio.run(run(hub, small_quarter(cases), faults, seed))
    finally:
        hub.end()
        chosen.remove_all()
        if sound:
            shutil.rmtree(folder)
        else:
            print(f"What the hub logged and kept is in {hub.folder}", flush=True)
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
