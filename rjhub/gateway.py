"""A hub behind a gateway, such as one in containers, and the key to sign tokens for it with."""

from __future__ import annotations

from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel import tls
from rjhub.addresses import SERVICES
from rjhub.child import HubError
from rjhub.hubfile import Reach
from rjhub.tokens import all_tokens, read_key, signing_key


class NoKey(HubError):
    """There is no key to sign tokens with."""

    exit_code = 12


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
        answer = httpx.get(url, timeout=10, verify=tls.may_be_spoken([url])).raise_for_status()
        found = read_key(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL) as failed:
        raise NoKey(
            f"{url} hands out no key ({failed}). Start the hub with deploy/compose.demo.yml, or "
            "name with --key the private key whose public half its services accept tokens by."
        ) from None
    if found is None:
        raise NoKey(f"What {url} hands out is no Ed25519 key. Is this the address of a hub?")
    return found
