"""Requests to a running hub that would be right but for one thing, and what they left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
from pymongo import MongoClient

from rjhub.organisations import HUB, POLICE
from tests.support_casework import REFERRAL, TOLD, Case, Desk
from tests.support_hub import Hub

Json = dict[str, Any]
STORES = ("rj_referral", "rj_consent", "rj_facilitation")
SERVICES = ("referral", "consent", "facilitation", "reporting")


@dataclass(frozen=True)
class Call:
    """A request that its service would take; `replace` makes it bad in one respect."""

    service: str
    path: str
    body: Json | None
    role: str = "coordinator"
    org: str = HUB
    method: str = "POST"

    async def send(self, desk: Desk, **different: Any) -> httpx.Response:
        """Send it; `headers` are added, `content` or `json` stands in for the body."""
        key = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        headers = {**desk.file.headers(self.role, self.org), **key, **different.pop("headers", {})}
        given = different or ({} if self.body is None else {"json": self.body})
        url = desk.file.services[self.service] + self.path
        return await desk.http.request(self.method, url, headers=headers, **given)

    def of(self, role: str, org: str) -> Call:
        """The same, from somebody else."""
        return replace(self, role=role, org=org)


def writing(case: Case) -> dict[str, Call]:
    """By service, a request to write; each but the last would be accepted."""
    told = TOLD | {"participant_id": case.people["victim"]}
    concern = {"severity": "low", "kind": "other"}
    nowhere = {
        "view": "case_status__1",
        "document": case.id,
        "position": f"referral-{case.id}@1",
        "reason": "malformed",
    }
    return {
        "referral": Call("referral", "/cases", REFERRAL, "officer", POLICE),
        "consent": Call("consent", f"/cases/{case.id}/information", told),
        "facilitation": Call("facilitation", f"/cases/{case.id}/concerns", concern),
        "reporting": Call("reporting", "/parked/drop", nowhere, "operations"),
    }


def about(case: str) -> dict[str, Call]:
    """By service, a request about a case that any staff may send who see it."""
    someone = {"participant_id": str(uuid4())}
    asked = Call("referral", f"/cases/{case}/victim-request", someone)
    gone = Call(
        "consent", f"/cases/{case}/consents/withdrawal", {**someone, "channel": "in_writing"}
    )
    concern = Call("facilitation", f"/cases/{case}/concerns", {"severity": "low", "kind": "other"})
    return {
        "referral": asked,
        "consent": gone,
        "facilitation": concern,
        "reporting": Call("reporting", f"/cases/{case}", None, method="GET"),
    }


async def opened(desk: Desk) -> Case:
    """A case that the hub has taken on, and that every service knows."""
    case = await desk.refer()
    await case.accept()
    await case.ask(after=f"{case.at},consent-{case.id}@1,facilitation-{case.id}@1")
    return case


def recorded(hub: Hub) -> set[str]:
    """The commits of all that people, not policies, ever told this hub."""
    by_people = {"role": {"$ne": "system"}}
    with MongoClient[Json](hub.file.mongo) as client:
        return {one["_id"] for name in STORES for one in client[name].commits.find(by_people)}


@asynccontextmanager
async def nothing_recorded(hub: Hub, desk: Desk, case: Case) -> AsyncIterator[None]:
    """What stands in the stores and what is told of the case is the same afterwards."""
    stood, told = recorded(hub), await case.ask()
    yield
    assert recorded(hub) == stood
    assert await case.ask() == told
    for url in desk.file.services.values():
        assert (await desk.http.get(f"{url}/health/ready")).status_code == 200
