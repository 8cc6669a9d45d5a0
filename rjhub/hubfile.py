"""`hub.json`: where a running hub is found, and tokens to call it with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ValidationError

from rjhub.child import LOCALHOST, HubError
from rjhub.folder import Folder, write_private
from rjhub.organisations import HUB, ORGANISATIONS, organisation_id
from rjhub.plan import SERVICES, mongo_url, service_url
from rjhub.tokens import VALID_FOR, all_tokens, signing_key


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


def behind_gateway(address: str, key: Path) -> Reach:
    """A hub with one address, each service under a path of its name; raises NoKey."""
    if not key.exists():
        raise NoKey(
            f"There is no {key.absolute()}. Name with --key the private key whose public half the "
            "hub's services accept tokens by."
        )
    base = address.rstrip("/")
    services = {name: f"{base}/{name}" for name in SERVICES}
    return Reach(services=services, tokens=all_tokens(signing_key(key)))
