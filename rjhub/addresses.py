"""What a hub on one machine consists of, and where each part answers."""

from __future__ import annotations

from collections.abc import Mapping

from rjhub.child import LOCALHOST

SERVICES = ("referral", "consent", "facilitation", "reporting")
CHILDREN = ("mongod", "broker", *SERVICES)


def service_url(ports: Mapping[str, int], name: str) -> str:
    """Where a service answers."""
    return f"http://{LOCALHOST}:{ports[name]}"


def kafka_address(ports: Mapping[str, int]) -> str:
    """Where the broker answers."""
    return f"{LOCALHOST}:{ports['broker']}"


def mongo_url(ports: Mapping[str, int]) -> str:
    """The address of the database."""
    return f"mongodb://{LOCALHOST}:{ports['mongod']}/?replicaSet=rs0"
