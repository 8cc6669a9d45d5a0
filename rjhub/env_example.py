"""Keeps `.env.example` equal to the settings of the services."""

from __future__ import annotations

from pathlib import Path

from kernel import settings
from rjhub.child import HubError
from rjhub.stack import settings as stack


class OutOfDate(HubError):
    """The committed file is not what the settings say."""


def write(path: Path, *, check: bool = False) -> None:
    """Write the file; with `check` only raise OutOfDate where it differs."""
    text = settings.env_example() + stack.env_example()
    if not check:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        raise OutOfDate(f"{path} is out of date. Run: .venv/bin/python -m rjhub env-example")
