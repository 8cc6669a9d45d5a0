"""The service's README names what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import consent, consent_clearance, consent_review
from kernel.http.routes import CommandRoute
from services.consent import app
from services.consent.domain.ledger.rules import RULES

TEXT = Path(app.__file__).with_name("README.md").read_text(encoding="utf-8")
EVENTS = (*consent.EVENTS, *consent_review.EVENTS, *consent_clearance.EVENTS)
NAMES = [event.__name__ for event in EVENTS] + [rule.id for rule in RULES]


@pytest.mark.parametrize("name", NAMES)
def test_it_names_every_event_and_rule(name: str) -> None:
    assert name in TEXT


@pytest.mark.parametrize("route", app.SERVICE.routes, ids=lambda one: one.name)
def test_it_names_every_command_with_its_address(route: CommandRoute) -> None:
    assert f"|{route.name}|`{route.method} {route.path}`|" in TEXT
