"""A case may end in many ways before everybody has said yes; each is told as it was."""

from __future__ import annotations

from contracts.referral_course import CloseCode
from rjhub.client import Client
from rjhub.demo.ends import end_before_quorum
from rjhub.demo.play import play
from rjhub.demo.quarter import Course, quarter
from tests.support_hub import Hub

DECLINED = {CloseCode.INELIGIBLE, CloseCode.NO_RESPONSIBILITY}


async def test_every_end_before_quorum_is_told_as_it_was(hub: Hub) -> None:
    ending = [one for one in quarter() if one.course is Course.ENDS_BEFORE_QUORUM]
    one_of_each = list({one.end: one for one in ending}.values())
    cases = await play(hub.file, one_of_each, {Course.ENDS_BEFORE_QUORUM: end_before_quorum})
    client = Client(hub.file)
    for case in cases:
        after = ",".join(f"{stream}@{version}" for stream, version in case.seen.items())
        told = (await client.ask("reporting", f"/cases/{case.id}", after=after)).json()
        expected = "declined" if case.plan.end in DECLINED else "closed"
        assert (case.plan.end, told["status"]) == (case.plan.end, expected)
