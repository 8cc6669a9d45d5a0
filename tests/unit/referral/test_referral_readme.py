"""The service's README names what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import referral, referral_course
from kernel.http.routes import CommandRoute
from services.referral import app
from services.referral.domain.referral.rules import RULES

TEXT = Path(app.__file__).with_name("README.md").read_text(encoding="utf-8")
EVENTS = (*referral.EVENTS, *referral_course.EVENTS)
NAMES = [event.__name__ for event in EVENTS] + [rule.id for rule in RULES]


@pytest.mark.parametrize("name", NAMES)
def test_it_names_every_event_and_rule(name: str) -> None:
    assert name in TEXT


@pytest.mark.parametrize("route", app.SERVICE.routes, ids=lambda one: one.name)
def test_it_names_every_command_with_its_address(route: CommandRoute) -> None:
    name = route.name.replace("ReferralRequest", "RequestReferral")
    assert f"|{name}|`{route.method} {route.path}`|" in TEXT
