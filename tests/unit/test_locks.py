"""The three locks are one resolution, and name no place to fetch from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEV, SERVICES, EMBEDDED = (
    "requirements-dev.lock",
    "requirements.lock",
    "requirements-embedded.lock",
)


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==([^ \\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", [SERVICES, EMBEDDED])
def test_what_runs_is_what_was_tested(lock: str) -> None:
    assert pins(lock)
    assert pins(lock).items() <= pins(DEV).items()


@pytest.mark.parametrize("lock", [DEV, SERVICES, EMBEDDED])
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(), flags=re.MULTILINE)
    unhashed = [one.split()[0] for one in entries if "==" in one and "--hash=sha256:" not in one]
    assert unhashed == []


@pytest.mark.parametrize("lock", [DEV, SERVICES, EMBEDDED])
def test_a_lock_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)
