"""How a broker is reached: in plain text, or by TLS with a user's name and password."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Options = Mapping[str, Any]
"""What aiokafka and kafka-python are told alike; nothing for plain text."""

MECHANISM = "SCRAM-SHA-512"


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
