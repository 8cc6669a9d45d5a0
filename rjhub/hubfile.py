"""`hub.json`: where a running hub is found, and tokens to call it with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ValidationError

from rjhub.child import LOCALHOST, HubError
from rjhub.folder import Folder, write_private
from rjhub.organisations import HUB, ORGANISATIONS, organisation_id
from rjhub.plan import SERVICES, mongo_url, service_url
from rjhub.tokens import VALID_FOR, all_tokens, read_key, signing_key


class NoHub(HubError):
    """There is no hub to talk to."""

    exit_code = 12


class NoKey(HubError):
    """There is no key to sign tokens with."""

    exit_code = 12


class Reach(BaseModel):
    """How the services of a hub are called: their addresses, tokens by organisation and post."""

    services: dict[str, str]
    tokens: dict[str, dict[str, str]]

    def token(self, role: str, organisation: str = HUB) -> str:
        """A development token of a role in an organisation."""
        return self.tokens[organisation][role]

    def headers(self, role: str, organisation: str = HUB) -> dict[str, str]:
        """HTTP headers that call as this role of this organisation."""
        return {"Authorization": f"Bearer {self.token(role, organisation)}"}


class HubFile(Reach):
    """A hub on this machine: besides, its broker, its database, its ports."""

    pid: int
    written: datetime
    kafka: str
    mongo: str
    ports: dict[str, int]
    organisations: dict[str, UUID]
    tokens_end: datetime


def write_hub_file(folder: Folder, ports: Mapping[str, int]) -> HubFile:
    """Write the file with fresh tokens."""
    now = datetime.now(UTC)
    hub = HubFile(
        pid=os.getpid(),
        written=now,
        services={name: service_url(ports, name) for name in SERVICES},
        kafka=f"{LOCALHOST}:{ports['broker']}",
        mongo=mongo_url(ports),
        ports=dict(ports),
        organisations={name: organisation_id(name) for name in ORGANISATIONS},
        tokens=all_tokens(signing_key(folder.path / "keys" / "signing.pem"), now),
        tokens_end=now + VALID_FOR,
    )
    write_private(folder.hub_file, hub.model_dump_json(indent=2) + "\n")
    return hub


def read_hub_file(path: Path = Path(".rjhub")) -> HubFile:
    """What the hub of this folder wrote; raises NoHub with what to do."""
    try:
        return HubFile.model_validate_json((path / "hub.json").read_bytes())
    except (OSError, ValidationError):
        raise NoHub(f"No hub has run in {path.absolute()}. Start one with `make up`.") from None


def behind_gateway(address: str, key: Path | None = None) -> Reach:
    """A hub with one address, each service under a path of its name; raises NoKey.

    Tokens are signed with this key, or else with the one that a hub for trying out hands out.
    """
    base = address.rstrip("/")
    services = {name: f"{base}/{name}" for name in SERVICES}
    found = _key_in(key) if key else _handed_out(f"{base}/dev/signing.pem")
    return Reach(services=services, tokens=all_tokens(found))


def _key_in(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        raise NoKey(
            f"There is no {path.absolute()}. Name with --key the private key whose public half the "
            "hub's services accept tokens by."
        )
    return signing_key(path)


def _handed_out(url: str) -> Ed25519PrivateKey:
    try:
        found = read_key(httpx.get(url, timeout=10).raise_for_status().content)
    except httpx.HTTPError as failed:
        raise NoKey(
            f"{url} hands out no key ({failed}). Start the hub with deploy/compose.demo.yml, or "
            "name with --key the private key whose public half its services accept tokens by."
        ) from None
    if found is None:
        raise NoKey(f"What {url} hands out is no Ed25519 key. Is this the address of a hub?")
    return found
