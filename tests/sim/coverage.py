"""How often it came to what G4 is about, so that nobody takes silence for proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.sim.activities import streams
from tests.sim.consents import kind_of
from tests.sim.evidence import Evidence

REFUSED_BY_CONSENT = frozenset({"CON-20", "CON-21", "CON-22", "CON-23"})
A_NO_CAME_FIRST = "FAC-35"
ENDED = {
    "consent_withdrawn": "stopped_by_a_no",
    "consent_lost": "called_off_by_a_no",
    "case_closed": "ended_by_closure",
}


def happened(evidence: Evidence) -> Counter[str]:
    """What happened around the activities of a history."""
    return Counter([*_said(evidence), *_done(evidence)])


def _said(evidence: Evidence) -> Iterator[str]:
    for answer in evidence.answers:
        rules = set(answer.get("rules", ()))
        if rules & REFUSED_BY_CONSENT:
            yield "clearance_refused"
        if A_NO_CAME_FIRST in rules:
            yield "clearance_overtaken"


def _done(evidence: Evidence) -> Iterator[str]:
    for commits in streams(evidence, "facilitation").values():
        for event in (one for commit in commits for one in commit["events"]):
            if "cleared_by" in event["fields"]:
                yield kind_of(event)
            if event["fields"].get("reason") in ENDED:
                yield ENDED[event["fields"]["reason"]]
