"""The token issuer's public keys: from a file or an address, read again when they change."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx
import jwt
import structlog

from kernel import tls

ALGORITHM_OF = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256", ("RSA", None): "RS256"}
ALGORITHMS = tuple(ALGORITHM_OF.values())
SMALLEST_RSA_BITS = 2048
DEVELOPMENT = "dev-"

_log = structlog.get_logger(__name__)


class Key(NamedTuple):
    """A public key and the one algorithm that it verifies."""

    algorithm: str
    public: Any


Keys = dict[str, Key]


class WrongKeys(Exception):
    """The key document cannot be used; says why and what would be right."""


class KeysUnavailable(Exception):
    """The issuer's keys could not be read lately: no token can be judged."""


class KeySource(Protocol):
    """Where keys come from; `setting` is the variable that names the place."""

    setting: str

    async def start(self) -> None:
        """Read the keys for the first time; raises WrongKeys where the service must not start."""
        ...

    async def find(self, kid: str) -> Key | None:
        """The key of this id, or None where the issuer has no such key. Raises KeysUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def read_keys(text: str | bytes, *, dev: bool) -> Keys:
    """The usable keys of a JWKS document; raises WrongKeys if it has none.

    Left out are keys that sign nothing here, secret or private ones, weak ones, and, outside
    development, those made for development.
    """
    entries = list(_entries(text))
    keys = {str(entry.get("kid")): key for entry in entries if (key := _usable(entry, dev=dev))}
    if not keys:
        raise WrongKeys(
            "no usable key: a JWKS document needs public keys with a `kid`, of type OKP Ed25519, "
            f"EC P-256 or RSA of {SMALLEST_RSA_BITS} bits or more"
        )
    return keys


def refuse_development_keys(text: str | bytes) -> None:
    """Raise WrongKeys if a key was made for development."""
    if any(_for_development(entry) for entry in _entries(text)):
        raise WrongKeys(
            f"holds a development key (its kid begins with {DEVELOPMENT}): use the issuer's own "
            "keys, or set RJHUB_DEV=1 on a development machine"
        )


def _entries(text: str | bytes) -> Iterator[dict[str, Any]]:
    try:
        entries = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise WrongKeys('not a JWKS document: right is {"keys": [ … ]}') from None
    return (
        (one for one in entries if isinstance(one, dict)) if isinstance(entries, list) else iter(())
    )


def _for_development(entry: dict[str, Any]) -> bool:
    return str(entry.get("kid", "")).startswith(DEVELOPMENT)


def _usable(entry: dict[str, Any], *, dev: bool) -> Key | None:
    algorithm = ALGORITHM_OF.get((str(entry.get("kty")), entry.get("crv")))
    wanted = (
        algorithm is not None
        and isinstance(entry.get("kid"), str)
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", algorithm) == algorithm
        and "d" not in entry
        and (dev or not _for_development(entry))
    )
    return _parsed(entry, str(algorithm)) if wanted else None


def _parsed(entry: dict[str, Any], algorithm: str) -> Key | None:
    try:
        public = jwt.PyJWK(entry, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    weak = algorithm == "RS256" and public.key_size < SMALLEST_RSA_BITS
    return None if weak else Key(algorithm, public)


@dataclass(frozen=True, slots=True)
class _Seen:
    inode: int
    size: int
    changed: int


class FileKeys:
    """Keys of a JWKS file; a changed file is read again, a broken one is kept out."""

    setting = "RJHUB_TOKEN_KEY_FILE"

    def __init__(self, path: Path, *, dev: bool) -> None:
        self._path = path
        self._dev = dev
        self._keys: Keys = {}
        self._seen: _Seen | None = None
        self._failed: _Seen | None = None

    async def start(self) -> None:
        """Raises WrongKeys for a file that is missing, unusable or for development only."""
        seen = self._look()  # what is changed while it is read is read again
        try:
            text = self._path.read_bytes()
        except OSError as wrong:
            raise WrongKeys(f"{self._path}: {wrong.strerror}") from None
        if not self._dev:
            refuse_development_keys(text)
        self._seen, self._keys = seen, read_keys(text, dev=self._dev)

    async def find(self, kid: str) -> Key | None:
        """The key, after reading the file again if it has changed."""
        now = self._look()
        if now != self._seen:
            self._read_again(now)
        return self._keys.get(kid)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _look(self) -> _Seen | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return _Seen(found.st_ino, found.st_size, found.st_mtime_ns)

    def _read_again(self, now: _Seen | None) -> None:
        """What may be read before long, such as after a change of its mode, is tried until then."""
        try:
            text = self._path.read_bytes()
        except OSError:
            if now is None or now != self._failed:
                _log.error("token keys: the changed file cannot be read, the former keys stay")
            self._failed, self._seen = now, self._seen if now else None
            return
        self._seen = now
        try:
            self._keys = read_keys(text, dev=self._dev)
        except WrongKeys:
            _log.error("token keys: the changed file cannot be used, the former keys stay")


class AddressKeys:
    """Keys of a JWKS address: kept for a while, fetched again for an unknown id, but not often.

    The issuer is asked once at a time. Who asks for an unknown key waits for it; a known one waits
    a moment where it begins the question, so that a key that left is refused, and else not at all.
    """

    setting = "RJHUB_TOKEN_JWKS_URL"

    FRESH_SECONDS = 300
    STALE_SECONDS = 3600
    PAUSE_SECONDS = 10
    NEWS_SECONDS = 0.25

    def __init__(self, url: str, *, dev: bool, client: httpx.AsyncClient | None = None) -> None:
        self._url = url
        self._dev = dev
        self._client = client or httpx.AsyncClient(timeout=3, verify=tls.may_be_spoken([url]))
        self._keys: Keys = {}
        self._fetched = self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Fetch once; an issuer that is away does not stop the start, a wrong document does."""
        try:
            text = await self._document()
        except httpx.HTTPError:
            _log.warning("token keys: the issuer's address does not answer yet")
            return
        if not self._dev:
            refuse_development_keys(text)
        self._take(text)

    async def find(self, kid: str) -> Key | None:
        """The key; an unknown id fetches again, at most every ten seconds."""
        if kid not in self._keys or self._age() > self.FRESH_SECONDS:
            await self._refresh(kid)
        if self._age() > self.STALE_SECONDS:
            raise KeysUnavailable
        return self._keys.get(kid)

    async def close(self) -> None:
        """Close the connections."""
        if self._fetching:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
        await self._client.aclose()

    def _age(self) -> float:
        return time.monotonic() - self._fetched

    async def _refresh(self, kid: str) -> None:
        begins = self._fetching is None and time.monotonic() - self._tried >= self.PAUSE_SECONDS
        if begins:
            self._tried = time.monotonic()
            self._fetching = asyncio.create_task(self._fetch(), name="token keys")
        if self._fetching is None:
            return
        if kid not in self._keys or self._age() > self.STALE_SECONDS:
            await asyncio.wait([self._fetching])
        elif begins:
            await asyncio.wait([self._fetching], timeout=self.NEWS_SECONDS)

    async def _fetch(self) -> None:
        try:
            self._take(await self._document())
        except (httpx.HTTPError, WrongKeys) as failed:
            _log.warning("token keys: cannot be fetched", failure=type(failed).__name__)
        finally:
            self._fetching = None

    async def _document(self) -> bytes:
        answer = await self._client.get(self._url)
        answer.raise_for_status()
        return answer.content

    def _take(self, text: bytes) -> None:
        self._keys = read_keys(text, dev=self._dev)
        self._fetched = time.monotonic()
