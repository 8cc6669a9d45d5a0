"""What is promised, and what is done about traps, names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules import read

ROOT = Path(__file__).parents[2]
PAGES = ("guarantees", "traps")


def shown(page: str) -> list[tuple[str, str]]:
    """The tests that a page names: in words, and by their files."""
    text = (ROOT / f"docs/{page}.md").read_text()
    return re.findall(r"\[([^\]]+)\]\(\.\./(tests/[^)]+)\)", text)


@pytest.mark.parametrize(("words", "path"), sorted({one for page in PAGES for one in shown(page)}))
def test_what_a_page_says_is_shown_by_a_test_that_exists(words: str, path: str) -> None:
    name = f"def test_{words.replace(' ', '_')}("
    assert name in (ROOT / path).read_text()


@pytest.mark.parametrize("page", PAGES)
def test_links_are_found(page: str) -> None:
    assert len(shown(page)) > 20


def test_the_rules_of_this_checkout_all_have_words_and_a_source() -> None:
    found = list(read(ROOT).known())
    assert len(found) > 20
    for rule in found:
        assert rule.words.endswith(".")
        assert rule.source
