"""Whom a client trusts is read from a file of all authorities: forty milliseconds, if it has to."""

from __future__ import annotations

from collections.abc import Iterable


def may_be_spoken(urls: Iterable[str]) -> bool:
    """Whether an HTTP client of these addresses verifies: always, unless all of them are http://."""
    return not all(url.startswith("http://") for url in urls)
