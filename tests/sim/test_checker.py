"""The checker of activities finds what no service does: hand-made histories that break G4."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sim.activities import nothing_without_consent
from tests.sim.evidence import Dealt, Evidence

Json = dict[str, Any]

CLEARED: Json = {
    "clearance_id": "clearance",
    "activity_id": "meeting",
    "method": "letter",
    "attendees": ["victim", "offender"],
    "consents": [],
}
NOTED: Json = {**CLEARED, "consent_version": 1}
STARTED: Json = {
    "meeting_id": "meeting",
    "method": "letter",
    "attendees": ["victim", "offender"],
    "cleared_by": "clearance",
}
SCHEDULED: Json = {"meeting_id": "meeting", "method": "letter"}
WITHDRAWN: Json = {"participant_id": "victim", "methods": ["letter"], "consent_version": 2}


def commit(category: str, version: int, *events: tuple[str, Json]) -> Json:
    return {
        "_id": f"{category}-1@{version:010}",
        "stream": f"{category}-1",
        "subject": "1",
        "version": version,
        "recorded_at": "2026-05-04T09:00:00+00:00",
        "events": [{"type": f"rj.{kind}.v1", "fields": fields} for kind, fields in events],
    }


def found(*facilitation: tuple[str, Json]) -> str:
    """What is found of a case in which this was recorded after one clearance, each by itself."""
    commits = [commit("facilitation", at, one) for at, one in enumerate(facilitation, start=1)]
    consent = [commit("consent", 1, ("ActivityCleared", CLEARED))]
    evidence = Evidence(
        answers=[],
        commits={"consent": consent, "facilitation": commits},
        logs=[],
        documents={},
        services=(),
        trace="",
        seconds=0,
        dealt=Dealt("", 0, frozenset()),
    )
    of_facilitation = (one for one in nothing_without_consent(evidence) if "facilitation-1" in one)
    return "; ".join(of_facilitation)


def test_a_beginning_by_its_clearance_is_in_order() -> None:
    assert found(("ClearanceNoted", NOTED), ("MeetingStarted", STARTED)) == ""


@pytest.mark.parametrize(
    ("words", "events"),
    [
        ("on no clearance", [("MeetingStarted", STARTED | {"cleared_by": "another"})]),
        ("has not noted", [("MeetingStarted", STARTED)]),
        ("used clearance", [("ClearanceNoted", NOTED), *[("MeetingStarted", STARTED)] * 2]),
        (
            "something else than was cleared",
            [("ClearanceNoted", NOTED), ("MeetingStarted", STARTED | {"meeting_id": "other"})],
        ),
        (
            "somebody who was not cleared",
            [("ClearanceNoted", NOTED), ("MeetingStarted", STARTED | {"attendees": ["friend"]})],
        ),
        (
            "although a no was noted",
            [
                ("ClearanceNoted", NOTED),
                ("ConsentWithdrawalNoted", WITHDRAWN),
                ("MeetingStarted", STARTED),
            ],
        ),
        (
            "goes on",
            [
                ("ClearanceNoted", NOTED),
                ("MeetingStarted", STARTED),
                ("ConsentWithdrawalNoted", WITHDRAWN),
            ],
        ),
        ("goes on", [("MeetingScheduled", SCHEDULED), ("ConsentLossNoted", {"method": "letter"})]),
        ("goes on", [("MeetingScheduled", SCHEDULED), ("CaseClosureNoted", {})]),
    ],
)
def test_what_breaks_the_promise_is_found(words: str, events: list[tuple[str, Json]]) -> None:
    assert words in found(*events)


def test_a_no_that_was_answered_before_the_request_and_recorded_after_its_clearance() -> None:
    started = {"type": "rj.MeetingStarted.v1", "data": '{"cleared_by": "clearance"}'}
    said = {"outcome": "accepted", "repeated": False, "commit": "c"}
    answers = [
        {**said, "name": "WithdrawConsent", "stream": "consent-1", "version": 2, "events": []}
        | {"asked": 1, "answered": 2},
        {**said, "name": "StartMeeting", "events": [started], "asked": 3, "answered": 4},
    ]
    evidence = Evidence(
        answers=answers,
        commits={"consent": [commit("consent", 1, ("ActivityCleared", CLEARED))]},
        logs=[],
        documents={},
        services=(),
        trace="",
        seconds=0,
        dealt=Dealt("", 0, frozenset()),
    )
    assert any("overlooks" in one for one in nothing_without_consent(evidence))
