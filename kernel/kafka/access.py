"""How a broker is reached: where, and in plain text or by TLS with a user's name and password."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Options = Mapping[str, Any]
"""What aiokafka and kafka-python are told alike; nothing for plain text."""

MECHANISM = "SCRAM-SHA-512"
BROKERS = "host:port of one or more Kafka brokers, separated by commas"
_BROKER = re.compile(r"([^,\s:]+):(\d{1,5})")
_LAST_PORT = 65535


def brokers(named: str) -> list[tuple[str, int]]:
    """Host and port of each broker that is named; raises ValueError."""
    found = [_BROKER.fullmatch(one) for one in named.split(",")]
    places = [(one[1], int(one[2])) for one in found if one]
    if None in found or not all(0 < port <= _LAST_PORT for _, port in places):
        raise ValueError(f"{named!r} names no brokers")
    return places


def by_password(user: str, password: str, ca_file: Path | None) -> Options:
    """TLS to a broker whose certificate is of this authority, and SCRAM as this user.

    Without a file the system's own authorities are asked. The broker's name is checked, and its
    proof that it knows the password, too. Raises OSError for a file without a certificate.
    """
    return {
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=ca_file),
        "sasl_mechanism": MECHANISM,
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


def described(options: Options) -> str:
    """How it was tried, without the password."""
    protocol = options.get("security_protocol", "PLAINTEXT")
    user = options.get("sasl_plain_username")
    return f"by {protocol} as {user}" if user else f"by {protocol}"
