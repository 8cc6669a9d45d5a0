"""The helper that shuffles a history within what its causes allow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.envelope import Recorded
from kernel.project.port import Body
from kernel.testing.orders import order_does_not_matter, shuffles_allowed_by_causes
from tests.support_folds import ALICE, NOW, at, step, walk

HISTORY = [
    step(1),
    step(2),
    step(1, of="consent", causes=(at("referral", 1),)),
    step(2, of="consent", causes=(at("referral", 2),)),
    step(3),
]


def places(order: list[Recorded]) -> list[tuple[str, int]]:
    return [(one.envelope.stream.partition("-")[0], one.envelope.version) for one in order]


def test_every_shuffle_keeps_streams_and_causes_in_order() -> None:
    for order in shuffles_allowed_by_causes(HISTORY, 50):
        found = places(order)
        assert sorted(found) == sorted(places(HISTORY))
        assert [one for one in found if one[0] == "referral"] == [
            ("referral", n) for n in (1, 2, 3)
        ]
        assert found.index(("referral", 1)) < found.index(("consent", 1))
        assert found.index(("referral", 2)) < found.index(("consent", 2))


def test_concurrent_events_do_change_places() -> None:
    orders = {tuple(places(one)) for one in shuffles_allowed_by_causes(HISTORY, 50)}
    assert len(orders) > 1


def test_a_circle_of_causes_is_said() -> None:
    circle = [
        step(1, causes=(at("consent", 1),)),
        step(1, of="consent", causes=(at("referral", 1),)),
    ]
    with pytest.raises(ValueError, match="circle"):
        list(shuffles_allowed_by_causes(circle, 1))


def test_a_fold_that_sorts_passes() -> None:
    assert list(order_does_not_matter(walk(), HISTORY)) == [ALICE]


def test_a_fold_that_depends_on_the_order_of_concurrent_events_fails() -> None:
    def last(body: Body, one: Recorded) -> Body:
        return {"last": one.envelope.stream}

    with pytest.raises(AssertionError, match="order"):
        order_does_not_matter(walk(last), HISTORY)


def test_a_body_that_the_database_would_change_fails() -> None:
    def precise(body: Body, one: Recorded) -> Body:
        return {"at": NOW + timedelta(microseconds=1)}

    with pytest.raises(AssertionError, match="database"):
        order_does_not_matter(walk(precise), HISTORY)
