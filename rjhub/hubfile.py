"""`hub.json`: where a running hub is found, and tokens to call it with."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from rjhub.child import HubError
from rjhub.folder import FOLDER, Folder, is_held
from rjhub.organisations import HUB


class NoHub(HubError):
    """There is no hub to talk to."""

    exit_code = 12


class Reach(BaseModel):
    """How the services of a hub are called: their addresses, tokens by organisation and post.

    `folder` is where it runs, if that is on this machine.
    """

    services: dict[str, str]
    tokens: dict[str, dict[str, str]]
    folder: Path | None = Field(None, exclude=True)

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


def read_hub_file(path: Path = FOLDER) -> HubFile:
    """What the hub of this folder wrote; raises NoHub with what to do."""
    try:
        found = HubFile.model_validate_json((path / "hub.json").read_bytes())
    except (OSError, ValidationError):
        words = f"No hub has run in {path.absolute()}. Start one with {_start(path)}."
        raise NoHub(words) from None
    return found.model_copy(update={"folder": path})


def where_to_look(folder: Path, child: str) -> str:
    """What to do where a child of the hub in this folder does not answer.

    Raises NoHub where no hub runs there any longer.
    """
    if is_held(folder):
        return f"Look at {Folder(folder.absolute()).log(child)}."
    raise NoHub(f"No hub runs in {folder.absolute()}. Start it with {_start(folder)}.")


def _start(folder: Path) -> str:
    return "`make up`" if folder == FOLDER else f"`rjhub up --dir {shlex.quote(str(folder))}`"
