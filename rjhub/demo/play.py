"""Playing a quarter: all its cases at once, day by day, on the development clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import httpx

from rjhub.child import HubError
from rjhub.client import Client
from rjhub.demo.days import Days
from rjhub.demo.quarter import Course, Planned
from rjhub.demo.stories import Case, NotAsPlanned
from rjhub.hubfile import HubFile

MOST_CALLS_AT_ONCE = 32

Story = Callable[[Case], Awaitable[None]]


class PlayFailed(HubError):
    """The quarter could not be played to its end; says which call was answered how."""

    exit_code = 1


async def play(
    hub: HubFile,
    plan: Sequence[Planned],
    stories: Mapping[Course, Story],
    on_day: Callable[[int], None] = lambda _: None,
) -> list[Case]:
    """Play these cases and return them; raises PlayFailed."""
    limits = httpx.Limits(max_connections=MOST_CALLS_AT_ONCE)
    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        client = Client(hub, http)
        first_day = await _now(client)

        async def turn(day: int) -> None:
            await _move(client, first_day + timedelta(days=day))
            on_day(day)

        days, referred = Days(turn), list[str]()
        cases = [Case(client, days, one, referred=referred) for one in plan]
        try:
            await days.play([_told(stories[one.plan.course], one) for one in cases])
        except* (NotAsPlanned, httpx.HTTPError) as failed:
            raise PlayFailed(str(failed.exceptions[0])) from None
        return cases


async def _told(story: Story, case: Case) -> None:
    await story(case)


async def _now(client: Client) -> datetime:
    answer = await client.ask("referral", "/dev/clock", role="operations")
    answer.raise_for_status()
    return datetime.fromisoformat(answer.json()["now"])


async def _move(client: Client, to: datetime) -> None:
    if to <= await _now(client):
        return
    headers = client.file.headers("operations")
    url = client.file.services["referral"] + "/dev/clock"
    answer = await client.http.put(url, json={"now": to.isoformat()}, headers=headers)
    answer.raise_for_status()
