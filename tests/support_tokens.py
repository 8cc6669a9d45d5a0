"""Tokens that must not let anybody in: each kind, as an issuer would sign it wrongly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from kernel.http.tokens import LARGEST, REQUIRED
from rjhub.organisations import HUB, organisation_id
from rjhub.tokens import AUDIENCE, ISSUER, KEY_ID, signing_key
from tests.support_http import Issuer


class HubIssuer(Issuer):
    """Signs with the very key of a hub on this machine, as whoever runs it could."""

    name = ISSUER
    audience = AUDIENCE

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.kid = KEY_ID
        self.private[KEY_ID] = signing_key(folder / "keys" / "signing.pem")

    def algorithm(self, kid: str) -> str:
        return "EdDSA" if kid == KEY_ID else super().algorithm(kid)

    def claims(self, **changed: Any) -> dict[str, Any]:
        return super().claims(**{"org": str(organisation_id(HUB)), **changed})


def in_seconds(seconds: int) -> int:
    """A moment from now on the real clock, as tokens write it."""
    return int(time.time()) + seconds


def _claiming(**changed: Any) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.token(**changed)


def _encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _unsigned(issuer: Issuer) -> str:
    return f"{_encoded({'alg': 'none', 'kid': issuer.kid})}.{_encoded(issuer.claims())}."


def _hs256_with_the_public_key(issuer: Issuer) -> str:
    public = issuer.private["dev-rsa"].public_key()
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return _hs256(issuer, public.public_bytes(*form))


def _hs256_with_the_key_as_published(issuer: Issuer) -> str:
    return _hs256(issuer, base64.urlsafe_b64decode(issuer.public(issuer.kid)["x"] + "="))


def _hs256(issuer: Issuer, secret: bytes) -> str:
    text = f"{_encoded({'alg': 'HS256', 'kid': 'dev-rsa'})}.{_encoded(issuer.claims())}"
    mark = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def _forged(issuer: Issuer) -> str:
    stranger = ed25519.Ed25519PrivateKey.generate()
    return jwt.encode(issuer.claims(), stranger, "EdDSA", {"kid": issuer.kid})


def _altered(issuer: Issuer) -> str:
    head, _, mark = issuer.token().split(".")
    return f"{head}.{_encoded(issuer.claims(role='supervisor'))}.{mark}"


def _without_signature(issuer: Issuer) -> str:
    return f"{issuer.token().rpartition('.')[0]}."


def _with_the_key_of_another_algorithm(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims(), issuer.private["dev-rsa"], "RS256", {"kid": issuer.kid})


def _with_a_stronger_algorithm_than_agreed(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims(), issuer.private["dev-rsa"], "RS512", {"kid": "dev-rsa"})


def _that_brings_its_own_key(issuer: Issuer) -> str:
    stranger = ed25519.Ed25519PrivateKey.generate()
    own = jwt.get_algorithm_by_name("EdDSA").to_jwk(stranger.public_key(), as_dict=True)
    return jwt.encode(issuer.claims(), stranger, "EdDSA", {"kid": issuer.kid, "jwk": own})


def _with_an_unknown_kid(issuer: Issuer) -> str:
    key = issuer.private[issuer.kid]
    return jwt.encode(issuer.claims(), key, "EdDSA", {"kid": "unknown"})


def _without_kid(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims(), issuer.private[issuer.kid], "EdDSA")


def _with_a_kid_that_is_no_text(issuer: Issuer) -> str:
    head = _encoded({"alg": "EdDSA", "kid": [issuer.kid]})
    return f"{head}.{_encoded(issuer.claims())}.AAAA"


def _with_a_critical_extension(issuer: Issuer) -> str:
    headers = {"kid": issuer.kid, "crit": ["exp"]}
    return jwt.encode(issuer.claims(), issuer.private[issuer.kid], "EdDSA", headers)


def _of_a_list(issuer: Issuer) -> str:
    key = issuer.private[issuer.kid]
    return jwt.PyJWS().encode(b"[1]", key, "EdDSA", {"kid": issuer.kid})


BAD: dict[str, Callable[[Issuer], str]] = {
    "unsigned": _unsigned,
    "HS256 with the public key": _hs256_with_the_public_key,
    "HS256 with the key as published": _hs256_with_the_key_as_published,
    "another audience": _claiming(aud="another"),
    "an audience that is no text": _claiming(aud={"rjhub": 1}),
    "another issuer": _claiming(iss="https://another.test"),
    "an issuer that begins alike": lambda issuer: issuer.token(iss=f"{issuer.name}.evil.test"),
    "expired": lambda issuer: issuer.token(exp=in_seconds(-60)),
    "an expiry that is no number": _claiming(exp="never"),
    "not valid yet": lambda issuer: issuer.token(nbf=in_seconds(60)),
    "issued in the future": lambda issuer: issuer.token(iat=in_seconds(60)),
    "unknown kid": _with_an_unknown_kid,
    "no kid": _without_kid,
    "a kid that is no text": _with_a_kid_that_is_no_text,
    "forged signature": _forged,
    "altered after signing": _altered,
    "without its signature": _without_signature,
    "the key of another algorithm": _with_the_key_of_another_algorithm,
    "a stronger algorithm than agreed": _with_a_stronger_algorithm_than_agreed,
    "brings its own key": _that_brings_its_own_key,
    "a critical extension": _with_a_critical_extension,
    "no object inside": _of_a_list,
    "an unknown role": _claiming(role="chief"),
    "a list of roles": _claiming(role=["coordinator"]),
    "the system's role": _claiming(role="system"),
    "an organisation that is no uuid": _claiming(org="West Midlands"),
    "a subject that is no uuid": _claiming(sub="jane.canary"),
    "no JWT": lambda _: "jane.canary",
    "three dots of nothing": lambda _: "..",
    "binary": lambda _: "\x80\xff.\x80.\xff",
    "oversized": _claiming(note="x" * LARGEST),
    **{f"without {claim}": _claiming(**{claim: None}) for claim in REQUIRED},
}
"""What is wrong with a token, and what signs it so."""
