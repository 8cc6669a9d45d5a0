"""Without its broker the hub goes on taking what people say, and begins nothing with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.support_activities import arranged, prepared, tell, timeline
from tests.support_casework import Case, Desk
from tests.support_service import site
from tests.support_whole import ENDS, How, Whole, is_not_now, timed, whole

pytestmark = pytest.mark.timeout(300)  # under 90 s each on two cores that nobody else uses

AWAY_SECONDS = 60  # longer than anything waits before it tries again
DAYS = count(5)


@pytest.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    folder: Path = tmp_path_factory.mktemp("away") / "hub"
    with site(folder, "mongod", "broker") as place:
        async with whole(place) as found:
            yield found


async def about_to_meet(hub: Whole) -> tuple[Case, dict[str, Any]]:
    """A case, and what begins its meeting."""
    case = await prepared(hub.desk, "face_to_face")
    meeting_id = await arranged(case, next(DAYS))
    return case, {"meeting_id": meeting_id, "attendees": [*case.people.values()]}


async def tried_once(hub: Whole, case: Case, meeting: dict[str, Any], key: UUID) -> httpx.Response:
    """The answer to a start that nobody repeats."""
    once = Case(Desk(hub.place.file, hub.desk.http), case.id, case.people, case.at)
    return await tell(once, "/meetings/start", meeting, key=key)


@pytest.mark.parametrize("how", ENDS)
async def test_a_minute_without_a_broker_commands_are_accepted_and_a_start_says_why_it_cannot_begin(
    hub: Whole, how: How
) -> None:
    case, meeting = await about_to_meet(hub)
    await hub.is_sound()
    hub.breaks("broker", how)
    unanswered, answered, key = hub.desk.unanswered, len(hub.desk.answers), uuid4()
    taken, until = 0, time.monotonic() + AWAY_SECONDS
    while time.monotonic() < until:
        other = await hub.desk.refer()
        await other.accept()
        taken += 1
        await asyncio.sleep(1)
    assert (hub.desk.unanswered, len(hub.desk.answers)) == (unanswered, answered + 3 * taken)
    refused = await tried_once(hub, case, meeting, key)
    assert is_not_now(refused), refused.text
    assert refused.json()["detail"].startswith("Nothing has begun: "), refused.text
    await hub.mends("broker", how)
    with timed(f"all is published and folded after a broker that {how}"):
        await hub.is_sound()
    begun = await tell(case, "/meetings/start", meeting, key=key)
    assert begun.is_success, begun.text
    await hub.is_sound()
    assert (await timeline(case)).count("MeetingStarted") == 1


@pytest.mark.parametrize("how", ENDS)
async def test_a_withdrawal_while_the_broker_is_away_stops_what_has_not_begun(
    hub: Whole, how: How
) -> None:
    """Facilitation cannot hear of it: consent, which is asked, knows."""
    case, meeting = await about_to_meet(hub)
    await hub.is_sound()
    hub.breaks("broker", how)
    await case.withdraw("victim")
    while_away = await tell(case, "/meetings/start", meeting)
    assert while_away.status_code == 409, while_away.text
    assert "CON-20" in {one["rule"] for one in while_away.json()["unmet"]}
    await hub.mends("broker", how)
    await hub.is_sound()
    afterwards = await tell(case, "/meetings/start", meeting, after=case.at)
    assert afterwards.status_code == 409, afterwards.text
    assert "MeetingStarted" not in await timeline(case)
