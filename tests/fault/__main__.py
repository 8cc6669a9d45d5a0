"""`python -m tests.fault FAULTS [SEED]`: a quarter of casework with so many kills."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import stamina.instrumentation

from rjhub.demo.figures import differences as from_plan
from rjhub.demo.figures import expected
from rjhub.demo.quarter import DAYS, Planned, quarter
from tests.support import eventually
from tests.support_checker import Checker, Kind
from tests.support_hub import Hub, start
from tests.support_quarter import (
    Outcome,
    Witness,
    differences,
    kills,
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
        print(f"The same with {faults} kills …", flush=True)
        planned = kills(faults, seed, without.last_day)
        outcome = await played_while_killed(hub, witness, plan, planned, _days)
    return await _tally(hub, witness, plan, (without, outcome), seed)


async def _tally(
    hub: Hub, witness: Witness, plan: Sequence[Planned], plays: tuple[Outcome, Outcome], seed: int
) -> bool:
    without, outcome = plays
    changed = [*from_plan(expected(plan), outcome.figures), *differences(without, outcome)]
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
    otherwise = {one.split()[1] for one in changed if one.startswith("case ")}
    print(
        f"acknowledged {len(witness.answers)}, {told}, "
        f"histories {len(plan) - len(otherwise)} of {len(plan)} as without, seed {seed}"
    )
    return not changed and not found


def _days(day: int, moment: datetime) -> None:
    if day % 10 == 0:
        print(f"  day {day} of {DAYS}, {moment:%d %b %Y}", flush=True)


def main() -> None:
    """End with 1 if anything was lost, doubled, missing, out of order or otherwise."""
    stamina.instrumentation.set_on_retry_hooks([])
    faults = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)
    with tempfile.TemporaryDirectory() as folder:
        hub = start(Path(folder) / ".rjhub", "--min-free-mb", "0")
        try:
            sound = asyncio.run(run(hub, quarter(), faults, seed))
        finally:
            hub.end()
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
