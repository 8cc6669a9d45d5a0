"""`hub.json`: where a running hub is found, and tokens to call it with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ValidationError

from rjhub.child import HubError
from rjhub.organisations import HUB


class NoHub(HubError):
    """There is no hub to talk to."""

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


def read_hub_file(path: Path = Path(".rjhub")) -> HubFile:
    """What the hub of this folder wrote; raises NoHub with what to do."""
    try:
        return HubFile.model_validate_json((path / "hub.json").read_bytes())
    except (OSError, ValidationError):
        raise NoHub(f"No hub has run in {path.absolute()}. Start one with `make up`.") from None
