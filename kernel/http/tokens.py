"""Bearer tokens: who calls, in which role, for which organisation; checked on the real clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import jwt

from contracts.fields import ActorId, OrganisationId, Role
from kernel.decider import Actor
from kernel.http.keys import (
    ALGORITHMS,
    AddressKeys,
    FileKeys,
    Key,
    KeySource,
    KeysUnavailable,
    WrongKeys,
)
from kernel.http.problems import Kind, Problem
from kernel.observe.ids import read_uuid
from kernel.settings import Settings, WrongSettings

REQUIRED = ("iss", "aud", "exp", "nbf", "iat", "sub", "org", "role")
LARGEST = 8192
LEEWAY_SECONDS = 10

_WORDS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "The token has expired; fetch a new one."),
    (jwt.ImmatureSignatureError, "The token is not valid yet; check the issuer's clock."),
    (jwt.InvalidAudienceError, "The token is meant for another audience."),
    (jwt.InvalidIssuerError, "The token comes from another issuer."),
    (jwt.MissingRequiredClaimError, f"The token lacks a claim; needed are {', '.join(REQUIRED)}."),
    (jwt.InvalidSignatureError, "The token's signature is not right."),
)


class Tokens:
    """Judges bearer tokens by the issuer's keys; every doubt is a 401 that says what is wrong."""

    def __init__(self, keys: KeySource, issuer: str, audience: str) -> None:
        self.keys = keys
        self._issuer = issuer
        self._audience = audience

    @classmethod
    def of(cls, settings: Settings) -> Tokens:
        """Tokens as the settings say; call `start` before the first one."""
        source: KeySource
        if settings.token_key_file is not None:
            source = FileKeys(settings.token_key_file, dev=settings.dev)
        else:
            source = AddressKeys(str(settings.token_jwks_url), dev=settings.dev)
        return cls(source, settings.token_issuer, settings.token_audience)

    async def start(self) -> None:
        """Read the issuer's keys; raises WrongSettings where the service must not start."""
        try:
            await self.keys.start()
        except WrongKeys as wrong:
            raise WrongSettings(f"{self.keys.setting}: {wrong}") from None

    async def actor(self, headers: Sequence[str]) -> Actor:
        """The caller named by the one `Authorization` header; raises a 401 or 503 problem."""
        token = _bearer(headers)
        key = await self._key(_kid(token))
        return _actor(self._claims(token, key))

    async def _key(self, kid: str) -> Key:
        try:
            key = await self.keys.find(kid)
        except KeysUnavailable:
            raise Problem(
                Kind.UNAVAILABLE,
                "The token issuer's keys cannot be read; try again.",
                headers={"Retry-After": "5"},
            ) from None
        if key is None:
            raise not_signed_in("The token is signed by a key that the issuer does not name.")
        return key

    def _claims(self, token: str, key: Key) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": list(REQUIRED)},
            )
        except jwt.PyJWTError as wrong:
            raise not_signed_in(_words(wrong)) from None


def not_signed_in(detail: str) -> Problem:
    """The 401 answer."""
    challenge = {"WWW-Authenticate": 'Bearer realm="rjhub", error="invalid_token"'}
    return Problem(Kind.NOT_SIGNED_IN, detail, headers=challenge)


def _bearer(headers: Sequence[str]) -> str:
    if len(headers) != 1:
        raise not_signed_in("Send one header `Authorization: Bearer <token>`.")
    scheme, _, token = headers[0].partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise not_signed_in("Send the header `Authorization: Bearer <token>`.")
    if len(token) > LARGEST:
        raise not_signed_in(f"The token is larger than {LARGEST} bytes.")
    return token.strip()


def _kid(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise not_signed_in("The token is not a JWT.") from None
    if header.get("alg") not in ALGORITHMS:
        raise not_signed_in(f"The token must be signed with {', '.join(ALGORITHMS)}.")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise not_signed_in("The token does not name its key (`kid`).")
    return kid


def _actor(claims: dict[str, Any]) -> Actor:
    role = next((one for one in Role if one == claims["role"]), None)
    if role is None or role is Role.SYSTEM:
        raise not_signed_in("The token's `role` is not one that can call.")
    subject, organisation = _id(claims, "sub"), _id(claims, "org")
    return Actor(id=ActorId(subject), org=OrganisationId(organisation), role=role)


def _id(claims: dict[str, Any], name: str) -> UUID:
    value = claims[name]
    found = read_uuid(value) if isinstance(value, str) else None
    if found is None:
        raise not_signed_in(f"The token's `{name}` must be a uuid.")
    return found


def _words(wrong: jwt.PyJWTError) -> str:
    return next(
        (words for kind, words in _WORDS if isinstance(wrong, kind)), "The token is not valid."
    )
