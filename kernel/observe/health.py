"""Looking whether the parts of a service work: all at once, each for a limited time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

PATIENCE_SECONDS = 2

Check = Callable[[], Awaitable[str | None]]
"""Looks whether one part works: None if so, else a few words; raising says no as well."""


class Looked(NamedTuple):
    """What a check said; `wrong` is empty where all is well."""

    name: str
    wrong: str
    milliseconds: float


async def look_at(checks: Mapping[str, Check]) -> list[Looked]:
    """Run every check at once; one that is slow, raises or says so is wrong, with its name."""
    return list(await asyncio.gather(*(_look(*one) for one in checks.items())))


async def _look(name: str, check: Check) -> Looked:
    began = time.perf_counter()
    wrong = await _said(check)
    return Looked(name, wrong, round((time.perf_counter() - began) * 1000, 1))


async def _said(check: Check) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await check() or ""
    except TimeoutError:
        return f"gave no answer within {PATIENCE_SECONDS} s"
    except Exception as failed:  # noqa: BLE001  whatever it is, the part does not work
        return f"failed with {type(failed).__name__}"
