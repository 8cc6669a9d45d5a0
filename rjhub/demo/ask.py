"""What the hub is asked about a quarter, once it is played: figures, and timelines of cases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rjhub.client import Json
from rjhub.demo.caller import Caller
from rjhub.demo.figures import Figure, told
from rjhub.demo.stories import Case, NotAsPlanned

MOST_POSITIONS = 16
READER = "supervisor"


async def figures(caller: Caller, cases: Sequence[Case] = ()) -> dict[str, Figure]:
    """Every figure, with all that happened in these cases."""
    seen = [one for case in cases for one in case.after.split(",")]
    groups = [
        ",".join(seen[at : at + MOST_POSITIONS]) for at in range(0, len(seen), MOST_POSITIONS)
    ]
    await asyncio.gather(*(_asked(caller, "/figures/referrals", one) for one in groups))
    return told(await _asked(caller, "/figures"))


async def timeline(caller: Caller, case: Case) -> list[Json]:
    """All that happened in a case, the oldest first."""
    entries, cursor = list[Json](), ""
    while True:
        page = await _asked(caller, f"/cases/{case.id}/timeline?limit=100{cursor}", case.after)
        entries += page["items"]
        if not page["next"]:
            return entries
        cursor = f"&cursor={page['next']}"


async def _asked(caller: Caller, path: str, after: str = "") -> Json:
    answer = await caller.ask("reporting", path, role=READER, after=after)
    if answer.is_error:
        raise NotAsPlanned(f"GET {path}: {answer.status_code} {answer.text}")
    found: Json = answer.json()
    return found
