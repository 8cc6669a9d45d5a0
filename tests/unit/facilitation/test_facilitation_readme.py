"""The service's README names what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import facilitation
from services.facilitation import app

TEXT = Path(app.__file__).with_name("README.md").read_text(encoding="utf-8")
GIVEN = [
    kind.__name__ for one in app.SERVICE.policies for kinds in one.gives.values() for kind in kinds
]


@pytest.mark.parametrize("name", [*GIVEN, *(one.__name__ for one in facilitation.EVENTS)])
def test_it_names_every_command_and_event(name: str) -> None:
    assert name in TEXT
