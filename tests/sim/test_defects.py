"""The checker finds what it is there to find: each seeded defect is caught."""

from __future__ import annotations

import pytest

from tests.sim.checker import check
from tests.sim.deck import deck_of
from tests.sim.defects import DEFECTS, Defect
from tests.sim.history import live, silence

MOST_SEEDS = 300

# In `make test` whatever waits for a clock goes first.
pytestmark = pytest.mark.timeout(600)


def found(defect: Defect) -> bool:
    """Whether any of some histories shows that this guarantee is broken."""
    for seed in range(defect.first, defect.first + MOST_SEEDS):
        deck_of(seed, defect.services)  # prepared without the defect
        with defect.at_work():
            evidence = live(seed, defect.services)
        if any(one.startswith(defect.broken) for one in check(evidence)):
            return True
    return False


@pytest.mark.parametrize("words", DEFECTS)
def test_a_seeded_defect_is_caught(words: str) -> None:
    silence()
    assert found(DEFECTS[words])


def test_without_a_defect_the_same_histories_keep_every_promise() -> None:
    silence()
    defect = DEFECTS["a policy id without its target"]
    assert [check(live(seed, defect.services)) for seed in range(3)] == [[]] * 3
