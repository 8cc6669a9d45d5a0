"""The locks are one resolution, and name no place to fetch from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEV, *INSTALLED = LOCKS = (
    "requirements-dev.lock",
    "requirements.lock",
    "requirements-embedded.lock",
    "deploy/requirements-build.lock",
)


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==([^ \\]+)", text, re.MULTILINE))


def test_every_lock_is_looked_at() -> None:
    found = [one for place in (ROOT, ROOT / "deploy") for one in place.glob("*.lock")]
    assert {str(one.relative_to(ROOT)) for one in found} == set(LOCKS)


@pytest.mark.parametrize("lock", INSTALLED)
def test_what_runs_is_what_was_tested(lock: str) -> None:
    assert pins(lock)
    assert pins(lock).items() <= pins(DEV).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(), flags=re.MULTILINE)
    unhashed = [one.split()[0] for one in entries if "==" in one and "--hash=sha256:" not in one]
    assert unhashed == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)
