"""Development tokens: a key of this machine's own, and what it signs for a day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm

from contracts.fields import Role
from rjhub.folder import Damaged, write_private
from rjhub.organisations import ORGANISATIONS, organisation_id, people

ISSUER = "urn:rjhub:dev"
AUDIENCE = "rjhub"
KEY_ID = "dev-1"  # services outside development refuse keys of this name
VALID_FOR = timedelta(hours=24)


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The kept signing key, made at the first start; raises Damaged where it cannot be read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        write_private(path, pem.decode())
    key = read_key(path.read_bytes())
    if key is None:
        raise Damaged(
            f"{path} is damaged: it must hold an Ed25519 key. Delete it to have a new one made: "
            "tokens handed out before are then no longer good, and no case is touched."
        )
    return key


def read_key(pem: bytes) -> Ed25519PrivateKey | None:
    """The key, if this is an Ed25519 one."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PrivateKey) else None


def public_keys(keys: Mapping[str, Ed25519PrivateKey]) -> str:
    """The JWKS document by which services check what these keys, by their ids, signed."""
    return json.dumps({"keys": [_public(kid, key) for kid, key in keys.items()]})


def _public(kid: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return public | {"kid": kid, "use": "sig", "alg": "EdDSA"}


def token(key: Ed25519PrivateKey, organisation: str, role: Role, actor: UUID, now: datetime) -> str:
    """A development token of somebody in a role in an organisation, valid for a day."""
    bearer = Bearer(organisation_id(organisation), role, actor)
    return signed(key, bearer, now, issuer=ISSUER, kid=KEY_ID)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token speaks for."""

    organisation: UUID
    role: Role
    actor: UUID


def signed(
    key: Ed25519PrivateKey,
    bearer: Bearer,
    now: datetime,
    *,
    issuer: str,
    kid: str,
    audience: str = AUDIENCE,
    valid_for: timedelta = VALID_FOR,
) -> str:
    """A token of this bearer, valid from now on for so long."""
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "nbf": now,
        "exp": now + valid_for,
        "sub": str(bearer.actor),
        "org": str(bearer.organisation),
        "role": bearer.role.value,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def all_tokens(key: Ed25519PrivateKey, now: datetime | None = None) -> dict[str, dict[str, str]]:
    """A token of everybody, by organisation and post."""
    now = now or datetime.now(UTC)
    return {
        organisation: {
            name: token(key, organisation, role, actor, now)
            for name, role, actor in people(organisation)
        }
        for organisation in ORGANISATIONS
    }
