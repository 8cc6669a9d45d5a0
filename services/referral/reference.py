"""A crime or log number becomes a token: a keyed hash, which tells nothing without the key."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

KEY = "duplicate-token.key"
LEAST_SIGNS = 4
NOT_A_SIGN = re.compile(r"[\W_]+")


def _identifies(reference: str) -> str:
    signs = NOT_A_SIGN.sub("", reference)
    if len(signs) < LEAST_SIGNS or not any(map(str.isdigit, signs)):
        raise ValueError(f"must hold at least {LEAST_SIGNS} letters or digits, one of them a digit")
    return reference


IncidentReference = Annotated[str, Field(max_length=64), AfterValidator(_identifies)]


def token_of(reference: str, key: bytes) -> UUID:
    """The same for every way of writing a number that differs in case or separators only."""
    plain = NOT_A_SIGN.sub("-", reference.casefold()).strip("-")
    return UUID(bytes=hmac.digest(key, f"incident:{plain}".encode(), sha256)[:16], version=5)
