"""What a running hub tells can be followed by whoever subscribes, with clients of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contracts.envelope import Topic
from tests.support import eventually
from tests.support_casework import Case, Desk, agreed
from tests.support_hub import Hub
from tests.support_readers import (
    READERS,
    Listener,
    Read,
    Told,
    assert_as_promised,
    understood,
)

# What other tests put on the log to see it parked; a subscriber leaves out what it does not know.
UNKNOWN = "rj.SomethingNew.v9"


@pytest.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    desk = Desk(hub.file)
    yield desk
    await desk.http.aclose()


def of(case: Case, told: list[Told]) -> list[Told]:
    """The case's records, each the first time it stands there."""
    return list({one.place: one for one in reversed(told) if one.key == case.id}.values())[::-1]


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
async def test_others_read_a_case_in_the_order_in_which_it_was_caused(
    hub: Hub, desk: Desk, read: Read
) -> None:
    case = await agreed(desk)
    listener = Listener(hub.file.kafka)

    def facilitation_has_noted() -> list[Told]:
        told = of(case, read(listener, [Topic.CASE]))
        return told if any("ConsentQuorumNoted" in one.type for one in told) else []

    told = await eventually(facilitation_has_noted, 30, every=0.5)
    seen: set[tuple[str, int]] = set()
    for one in told:
        stream, version = one.place
        assert version == 1 or (stream, version - 1) in seen
        assert seen.issuperset(one.causes)
        seen.add(one.place)
    assert {stream.partition("-")[0] for stream, _ in seen} == {
        "referral",
        "consent",
        "facilitation",
    }


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
async def test_whatever_the_services_tell_is_as_promised(hub: Hub, desk: Desk, read: Read) -> None:
    case = await agreed(desk)
    listener = Listener(hub.file.kafka)
    await eventually(lambda: of(case, read(listener, Topic.ALL)), 30, every=0.5)
    for one in read(listener, Topic.ALL):
        if one.headers.get("ce_type") in (None, UNKNOWN):
            continue
        assert_as_promised(one)
        assert understood(one).get_id() == one.headers["ce_id"]
