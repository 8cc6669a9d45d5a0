"""The fold that read models are compared with: it names what is not as the log tells it."""

from __future__ import annotations

from typing import Any

from kernel.testing.spec import CASE
from services.reporting.projections.case_status.project import CASE_STATUS
from tests.support_serial import folded_otherwise
from tests.unit.reporting.story import agreed_and_lost, in_memory

TOLD = agreed_and_lost().told
LOG = [(one.envelope.headers(), one.event.model_dump_json().encode()) for one in TOLD]


def stored(**changes: Any) -> dict[str, dict[str, dict[str, Any]]]:
    body = {**in_memory(CASE_STATUS, TOLD), "_id": CASE, "_w": {}, **changes}
    return {CASE_STATUS.view: {str(CASE): body}}


def test_what_the_log_tells_even_twice_is_as_it_is_stored() -> None:
    assert [*folded_otherwise([*LOG, *LOG], stored())] == []


def test_a_document_that_says_something_else_is_named() -> None:
    (found,) = folded_otherwise(LOG, stored(people={}))
    assert found == f"{CASE_STATUS.view} of {CASE} is not what its events make of it"


def test_a_document_that_is_missing_is_named() -> None:
    (found,) = folded_otherwise(LOG, {CASE_STATUS.view: {}})
    assert str(CASE) in found


def test_a_view_of_another_release_is_not_compared() -> None:
    assert [*folded_otherwise(LOG, {"case_status__later": {}})] == []
