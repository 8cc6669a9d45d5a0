"""The facilitators of the hub: registered, trained, and supervised anew for each quarter."""

from __future__ import annotations

from datetime import datetime

from contracts.fields import Role
from rjhub.client import Client, Json
from rjhub.demo.quarter import FACILITATORS
from rjhub.demo.stories import NotAsPlanned
from rjhub.organisations import HUB, actor_id

REGISTERED_ALREADY = "WRK-01"


async def staff(client: Client, now: datetime) -> None:
    """All facilitators may lead any case of a quarter that begins now."""
    for place in range(FACILITATORS):
        await _ready(client, str(actor_id(HUB, Role.FACILITATOR, place + 1)), now.isoformat())


async def _ready(client: Client, facilitator: str, now: str) -> None:
    if await _registered(client, facilitator):
        trained = {"level": "advanced", "hours": 30, "completed_at": now}
        await _record(client, f"/facilitators/{facilitator}/training", trained)
    developed = {"hours": 16, "approved_hours": 8, "done_at": now}
    await _record(client, f"/facilitators/{facilitator}/development", developed)
    for kind in ("supervision", "observed_practice"):
        held = {"kind": kind, "held_at": now}
        await _record(client, f"/facilitators/{facilitator}/supervision", held)


async def _registered(client: Client, facilitator: str) -> bool:
    """Whether they were not before."""
    body = {"facilitator_id": facilitator, "affiliation": "police"}
    answer = await client.tell("facilitation", "/facilitators", body, role="provider_manager")
    known = answer.status_code == 409 and REGISTERED_ALREADY in answer.text
    if answer.is_error and not known:
        raise NotAsPlanned(f"POST /facilitators: {answer.status_code} {answer.text}")
    return not known


async def _record(client: Client, path: str, body: Json) -> None:
    answer = await client.tell("facilitation", path, body, role="provider_manager")
    if answer.is_error:
        raise NotAsPlanned(f"POST {path}: {answer.status_code} {answer.text}")
