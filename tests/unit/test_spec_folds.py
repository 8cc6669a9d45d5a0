"""The given, then of folds."""

from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import Event, Recorded, subject_of
from contracts.fields import Count
from kernel.project.port import Projection
from kernel.testing.spec import CASE, an_id, folding, history, recorded


class Counted(Event):
    """Something was counted."""

    by: Count = 1


def total(body: dict[str, Any], one: Recorded) -> dict[str, Any]:
    match one.event:
        case Counted(by=by):
            return {"total": body.get("total", 0) + by}
        case _:
            return body


def of_referrals(stream: str) -> UUID | None:
    return subject_of(stream) if stream.startswith("referral-") else None


given = folding(Projection("totals", total, key=of_referrals))


def test_events_of_one_document_are_folded_in_their_order() -> None:
    given(*history(Counted(by=2), Counted(by=3))).then({"total": 5})


def test_each_document_gets_its_own_events() -> None:
    other = an_id("other case")
    given(recorded(Counted()), recorded(Counted(by=4), subject=other)).then_each(
        {CASE: {"total": 1}, other: {"total": 4}}
    )


def test_events_of_no_document_leave_none() -> None:
    given(recorded(Counted(), stream="consent")).then_each({})


def test_another_document_fails_and_shows_both() -> None:
    with pytest.raises(AssertionError) as failed:
        given(recorded(Counted())).then({"total": 2})
    assert "- total: 2" in str(failed.value)
    assert "+ total: 1" in str(failed.value)


def changes_its_argument(body: dict[str, Any], one: Recorded) -> dict[str, Any]:
    body["total"] = 1
    return body


def takes_a_kernel_name(body: dict[str, Any], one: Recorded) -> dict[str, Any]:
    return {"_w": 1}


@pytest.mark.parametrize(
    ("fold", "words"),
    [
        (changes_its_argument, "changed its argument"),
        (takes_a_kernel_name, "belong to the kernel"),
    ],
)
def test_every_run_also_checks(fold: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        folding(Projection("wrong", fold))(recorded(Counted()))


def test_a_recorded_event_may_name_its_stream_by_category() -> None:
    one = recorded(Counted(), stream="consent", version=3)
    assert one.envelope.stream == f"consent-{CASE}"
    assert one.envelope.commit == f"consent-{CASE}@0000000003"
    assert one.envelope.source == "/rj/consent"


def test_a_recorded_event_may_name_its_whole_stream() -> None:
    other = an_id("other case")
    assert recorded(Counted(), stream=f"consent-{other}").envelope.subject == other
