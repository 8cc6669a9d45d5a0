"""The guarantees name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWN = re.findall(r"\[([^\]]+)\]\(\.\./(tests/[^)]+)\)", (ROOT / "docs/guarantees.md").read_text())


@pytest.mark.parametrize(("words", "path"), SHOWN)
def test_a_guarantee_is_shown_by_a_test_that_exists(words: str, path: str) -> None:
    name = f"def test_{words.replace(' ', '_')}("
    assert name in (ROOT / path).read_text()


def test_guarantees_are_found() -> None:
    assert len(SHOWN) > 20
