"""Playing a quarter: all its cases at once, day by day, on the development clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from rjhub.child import HubError
from rjhub.client import Client
from rjhub.demo import activities, ends
from rjhub.demo.caller import Caller, NotNow
from rjhub.demo.days import Days
from rjhub.demo.quarter import Course, Planned
from rjhub.demo.staff import staff
from rjhub.demo.stories import Case, NotAsPlanned

DAY_BEGINS = 9
ZONE = ZoneInfo("Europe/London")

Story = Callable[[Case], Awaitable[None]]
STORIES: Mapping[Course, Story] = {**activities.STORIES, **ends.STORIES}


class PlayFailed(HubError):
    """The quarter could not be played to its end; says which call was answered how."""

    exit_code = 1


OnDay = Callable[[int, datetime], None]


def no_progress(_: int, __: datetime) -> None:
    """Nobody watches the days pass."""


async def play(client: Caller, plan: Sequence[Planned], on_day: OnDay = no_progress) -> list[Case]:
    """Play these cases and return them; raises PlayFailed."""
    try:
        first_day = _morning_after(await _now(client))
        await _move(client, first_day)
        await staff(client, first_day)
        return await _played(client, plan, first_day, on_day)
    except* (NotAsPlanned, NotNow, httpx.HTTPError) as failed:
        raise PlayFailed(_words(failed)) from None


async def _played(
    client: Caller, plan: Sequence[Planned], first_day: datetime, on_day: OnDay
) -> list[Case]:
    async def turn(day: int) -> None:
        moment = first_day + timedelta(days=day)
        on_day(day, moment)
        await _move(client, moment)

    days, referred = Days(turn), list[str]()
    cases = [Case(client, days, one, first_day, referred=referred) for one in plan]
    await days.play([_told(one) for one in cases])
    return cases


async def _told(case: Case) -> None:
    await STORIES[case.plan.course](case)


def _words(failed: BaseExceptionGroup[BaseException]) -> str:
    """What went wrong first."""
    first = failed.exceptions[0]
    return _words(first) if isinstance(first, BaseExceptionGroup) else str(first) or repr(first)


def _morning_after(now: datetime) -> datetime:
    """When the next day's work begins, on the clock on the wall, as on every day after it."""
    today = now.astimezone(ZONE).replace(hour=DAY_BEGINS, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)


async def _now(client: Client) -> datetime:
    answer = await client.ask("referral", "/dev/clock", role="operations")
    answer.raise_for_status()
    return datetime.fromisoformat(answer.json()["now"])


async def _move(client: Caller, to: datetime) -> None:
    """A clock that flows on by itself may be there already; so it is after a move unanswered."""
    if to <= await _now(client):
        return
    headers = client.file.headers("operations")
    url = client.file.services["referral"] + "/dev/clock"
    body = {"now": to.isoformat()}
    answer = await client.until_answered(
        "referral", lambda: client.http.put(url, json=body, headers=headers)
    )
    if answer.status_code != httpx.codes.CONFLICT:
        answer.raise_for_status()
