"""The page of the architecture names every part that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text()


def parts(folder: str) -> list[str]:
    """As a table names them: `store/`, `clock.py`."""
    found = (ROOT / folder).iterdir()
    folders = [f"{one.name}/" for one in found if any(one.glob("*.py"))]
    return folders + [one.name for one in (ROOT / folder).glob("[!_]*.py")]


@pytest.mark.parametrize("part", parts("kernel"))
def test_every_part_of_the_kernel_has_its_guarantee(part: str) -> None:
    assert f"`{part}`" in PAGE.partition("## The kernel")[2]


@pytest.mark.parametrize("part", [one for one in parts("tests") if one.endswith("/")])
def test_every_folder_of_tests_is_told(part: str) -> None:
    (told,) = (line for line in PAGE.splitlines() if line.startswith("| `tests/`"))
    assert f"`{part.rstrip('/')}`" in told
