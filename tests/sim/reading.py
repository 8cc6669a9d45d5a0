"""Events are frozen, and the same texts are read again and again: each is read once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache

from kernel.service import Service
from kernel.store.loaded import Decode

MOST_EVENTS = 4000


@cache
def once(decode: Decode) -> Decode:
    """The same reader, that remembers."""
    return lru_cache(MOST_EVENTS)(decode)


def read_once(service: Service) -> Service:
    """The same service, that remembers what it has read."""
    return replace(service, decode=once(service.decode))
