"""Keys and passwords of a hub of containers: random, made at the first start, one volume each.

No file of the project holds a secret and none has a default. Each program mounts its own volume
alone, so that it can read what it needs and nothing of the others.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rjhub.addresses import SERVICES
from rjhub.folder import write_private
from rjhub.plan import secrets_of
from rjhub.tokens import KEY_ID, public_keys, signing_key

HUB_USER = 10001
MONGO_USER = 999
READABLE_BY_OWNER = 0o400
READABLE_BY_ALL = 0o444

ISSUER_KEY_ID = "hub-1"


@dataclass(frozen=True)
class Volumes:
    """The volumes by their names, as folders below one."""

    root: Path

    def keep(self, volume: str, name: str, owner: int, make: Callable[[], bytes]) -> bytes:
        """What the file holds; made at the first start, and then kept."""
        path = self.root / volume / name
        return path.read_bytes() if path.exists() else self.put(volume, name, owner, make())

    def put(
        self, volume: str, name: str, owner: int, content: bytes, mode: int = READABLE_BY_OWNER
    ) -> bytes:
        """Write the file so that it is there in whole or not at all, and only then its owner's."""
        path = self.root / volume / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, content)
        _hand_over(path, owner, mode)
        return content

    def signing_key(self, volume: str, mode: int) -> Ed25519PrivateKey:
        """The private key of this volume, made at the first start."""
        path = self.root / volume / "signing.pem"
        key = signing_key(path)
        _hand_over(path, HUB_USER, mode)
        return key


def _hand_over(path: Path, owner: int, mode: int) -> None:
    path.chmod(mode)
    os.chown(path, owner, owner)


def make_keys(root: Path, *, dev: bool) -> None:
    """Make what is missing; a repeat changes no secret. `dev` adds the development key."""
    volumes = Volumes(root)
    _of_mongo(volumes)
    for service in SERVICES:
        _of_service(volumes, service)
    _of_issuer(volumes, dev=dev)


def _of_mongo(volumes: Volumes) -> None:
    volumes.keep("mongo", "keyfile", MONGO_USER, lambda: base64.b64encode(os.urandom(128)))
    password = volumes.keep("mongo", "password", MONGO_USER, new_password)
    volumes.put("settle", "mongo-url", HUB_USER, _admin_url(password))


def _of_service(volumes: Volumes, service: str) -> None:
    password = volumes.keep("settle", f"password-{service}", HUB_USER, new_password)
    volumes.put(service, "mongo-url", HUB_USER, service_url(service, password))
    for name in secrets_of(service):
        volumes.keep(service, name, HUB_USER, lambda: os.urandom(32))


def _of_issuer(volumes: Volumes, *, dev: bool) -> None:
    """The key that signs tokens where there is no other issuer; in development one more."""
    keys = {ISSUER_KEY_ID: volumes.signing_key("issuer", READABLE_BY_OWNER)}
    if dev:
        keys[KEY_ID] = volumes.signing_key("dev", READABLE_BY_ALL)
    volumes.put("public", "jwks.json", HUB_USER, public_keys(keys).encode(), READABLE_BY_ALL)


def mongo_user(service: str) -> str:
    """The database user of a service, who may use the databases of that service."""
    return f"rj_{service}"


def service_url(service: str, password: bytes) -> bytes:
    """Where a service finds its database."""
    return _url(mongo_user(service), password) + b"&replicaSet=rs0"


def _admin_url(password: bytes) -> bytes:
    return _url("admin", password) + b"&directConnection=true"


def _url(user: str, password: bytes) -> bytes:
    return b"mongodb://%s:%s@mongo:27017/?authSource=admin" % (user.encode(), password)


def new_password() -> bytes:
    """A random one of 64 characters."""
    return secrets.token_hex(32).encode()
