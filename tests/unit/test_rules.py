"""The table of rules and tests notices what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.decider import Rule, Waiting
from tests.rules import (
    BEGIN,
    END,
    ROOT,
    Book,
    Shown,
    drift,
    marked,
    read,
    with_waiting,
    write,
    written,
)

ONE = Rule("ONE-01", "One is first.", "counting")
TWO = Rule("TWO-01", "Two comes next.", "counting")
LATER = Waiting(Rule("TWO-30", "Three comes later.", "counting"), "a third", "two is the end")
SHOWS_ONE = Shown("ONE-01", "tests/unit/test_one.py", "test_one_is_first")
SHOWS_TWO = Shown("TWO-01", "tests/unit/test_two.py", "test_two_comes_next")


def book(*tests: Shown, waiting: tuple[Waiting, ...] = (LATER,)) -> Book:
    return Book({"one": (ONE,), "two": (TWO,)}, waiting, tests)


def test_a_rule_with_a_test_is_in_order() -> None:
    assert book(SHOWS_ONE, SHOWS_TWO).problems() == []


def test_a_rule_without_a_test_is_told() -> None:
    assert book(SHOWS_ONE).problems() == ["TWO-01 has no test: mark one with it."]


def test_a_test_of_no_rule_is_told() -> None:
    [told] = book(SHOWS_ONE, SHOWS_TWO, Shown("ONE-1", "tests/x.py", "test_typo")).problems()
    assert "test_typo" in told
    assert "ONE-1" in told


def test_an_id_that_stands_for_two_rules_is_told() -> None:
    twice = Waiting(Rule("ONE-01", "Another.", "counting"), "a fact", "nothing")
    assert book(SHOWS_ONE, SHOWS_TWO, waiting=(twice,)).problems() == ["ONE-01 stands for 2 rules."]


def test_a_rule_may_be_decided_and_wait_for_more() -> None:
    partly = Waiting(ONE, "a fact", "it is refused")
    assert book(SHOWS_ONE, SHOWS_TWO, waiting=(partly,)).problems() == []


def test_the_page_has_every_rule_with_its_tests_and_what_waits() -> None:
    page = book(SHOWS_ONE, SHOWS_TWO).page()
    assert "|ONE-01|One is first.|counting|[test_one_is_first](../tests/unit/test_one.py)|" in page
    assert "|TWO-30|Three comes later.|a third|two is the end|" in page


def test_the_waiting_section_is_renewed_and_the_rest_stays() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    renewed = with_waiting(text, iter(["new"]))
    assert renewed == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert with_waiting(renewed, iter(["new"])) == renewed
    assert with_waiting("no place", iter(["new"])) == "no place"


def test_marks_are_found_on_tests_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_marks.py").write_text(
        "import pytest\n"
        "@pytest.mark.rule('A-01', 'A-02')\nasync def test_both(): ...\n"
        "class TestGroup:\n"
        "    @pytest.mark.slow\n    @pytest.mark.rule('A-03')\n    def test_inside(self): ...\n"
        "def test_without(): ...\n"
    )
    assert [(one.rule, one.name) for one in marked(tmp_path)] == [
        ("A-01", "test_both"),
        ("A-02", "test_both"),
        ("A-03", "test_inside"),
    ]


def test_a_rule_is_found_wherever_it_stands_in_a_service(tmp_path: Path) -> None:
    (tmp_path / "services/two/views").mkdir(parents=True)
    (tmp_path / "services/two/views/late.py").write_text(
        "TWO = Rule('TWO-01', 'Two comes ' 'next.', source='counting')\n"
        "def late(): return decider.Rule('TWO-02', 'Late.', 'counting')\n"
    )
    found = [("two", TWO), ("two", Rule("TWO-02", "Late.", "counting"))]
    assert list(written(tmp_path)) == found
    assert read(tmp_path).problems() == [
        "TWO-01 has no test: mark one with it.",
        "TWO-02 has no test: mark one with it.",
    ]


def test_drift_is_told_and_put_right(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    guarantees = tmp_path / "docs/guarantees.md"
    guarantees.write_text("# Guarantees\n")
    assert [one.split()[0] for one in drift(tmp_path)] == ["docs/rules.md", "docs/guarantees.md"]
    guarantees.write_text(f"{BEGIN}\n{END}\n")
    assert write(tmp_path) == []
    assert drift(tmp_path) == []


@pytest.mark.parametrize("path", ["docs/rules.md", "docs/guarantees.md"])
def test_a_generated_page_exists(path: str) -> None:
    assert (ROOT / path).exists()
