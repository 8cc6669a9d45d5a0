"""Why a broker was not reached, in words that say what was tried."""

from __future__ import annotations

import ssl

from aiokafka.errors import (
    IllegalSaslStateError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from kernel.kafka.access import MECHANISM, Options, described
from kernel.log import LogUnavailable, NotLetIn


def no_connection(place: str, options: Options, failed: Exception) -> LogUnavailable:
    """What was tried and why it failed; NotLetIn where trying again would be in vain."""
    tried = f"no connection to {place} {described(options)}"
    match failed:
        case SaslAuthenticationFailed():
            return NotLetIn(f"{tried}: the broker knows no such user with this password")
        case UnsupportedSaslMechanismError() | IllegalSaslStateError():
            return NotLetIn(f"{tried}: the broker does not take {MECHANISM} there")
        case ssl.SSLCertVerificationError():
            return NotLetIn(f"{tried}: its certificate is not accepted: {failed.verify_message}")
        case ssl.SSLError():
            return LogUnavailable(f"{tried}: no TLS there ({failed.reason})")
    return LogUnavailable(f"{tried}: {str(failed) or type(failed).__name__}")
