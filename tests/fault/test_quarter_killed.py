"""A small quarter, in which each of the six processes is killed once, ends as it does without."""

from __future__ import annotations

import random

import pytest

from rjhub.demo.quarter import small_quarter
from tests.support import eventually
from tests.support_checker import Checker
from tests.support_hub import Hub
from tests.support_quarter import (
    SIX,
    kills,
    not_as_planned,
    otherwise,
    played,
    played_while_killed,
    witness_of,
)

PLAN = small_quarter(20)


@pytest.mark.timeout(400)
async def test_a_quarter_ends_as_without_whatever_is_killed_meanwhile(hub: Hub) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    async with witness_of(hub) as witness:
        without = await played(witness, PLAN)
        assert await not_as_planned(witness, without) == []
        planned = kills(len(SIX), seed, without.last_day)
        play = await played_while_killed(hub, witness, PLAN, planned)

        async def as_without() -> bool:
            assert await not_as_planned(witness, play) == []
            assert await otherwise(witness, without, play) == []
            return True

        await eventually(as_without, 30, every=1)
    checker = Checker(hub.file.mongo, hub.file.kafka, witness.answers)
    await eventually(checker.is_sound, 30, every=0.5)
