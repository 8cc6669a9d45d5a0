"""A service whose machine's clock is wrong, as libfaketime has it, and tokens that it accepts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rjhub.hubfile import HubFile
from rjhub.organisations import ORGANISATIONS, organisation_id, people
from rjhub.tokens import ISSUER, Bearer, public_keys, signed
from tests.support_service import Process, Site

LIBRARY = "faketime/libfaketime.so.1"
FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib")
INSTALL = "apt-get install -y --no-install-recommends faketime"
KEY_ID = "issuer-1"
# A token is good also where the clock is behind.
LONG_SIGNED = timedelta(hours=2)


def wrong_clock(offset: str) -> dict[str, str]:
    """The environment of a process whose clock is so far off; intervals are as long as ever."""
    found = [path for one in FOLDERS if (path := Path(one, LIBRARY)).exists()]
    if not found:
        pytest.skip(f"needs libfaketime: {INSTALL}")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def with_issuer(place: Site) -> tuple[HubFile, dict[str, object]]:
    """The hub with tokens of an issuer of its own, and the settings of its services.

    Outside development a service goes by the clock of its machine.
    """
    key, keys = Ed25519PrivateKey.generate(), place.folder.path / "keys" / "issuer.json"
    keys.write_text(public_keys({KEY_ID: key}))
    since = datetime.now(UTC) - LONG_SIGNED
    tokens = {
        organisation: {
            name: signed(
                key,
                Bearer(organisation_id(organisation), role, actor),
                since,
                issuer=ISSUER,
                kid=KEY_ID,
            )
            for name, role, actor in people(organisation)
        }
        for organisation in ORGANISATIONS
    }
    file = place.file.model_copy(update={"tokens": tokens})
    return file, {"dev": 0, "token_key_file": keys}


async def replica_with(place: Site, name: str, offset: str, settings: dict[str, object]) -> Process:
    """One more replica of a service, with a wrong clock."""
    found = replace(place, beneath=wrong_clock(offset)).replica(name, **settings)
    await found.ready()
    return found
