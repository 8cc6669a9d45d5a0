"""The issuer's keys, from a file and from an address, and which of them are left out."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kernel.http.keys import AddressKeys, FileKeys, KeysUnavailable, WrongKeys, read_keys
from kernel.http.problems import Kind, Problem
from kernel.http.tokens import Tokens
from tests.adapters.keys_suite import FOLLOWER, ISSUER, KeysSuite, Place


class File(Place):
    """It is replaced as a whole, as a rotation does."""

    setting = "RJHUB_TOKEN_KEY_FILE"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keys.json"

    def says(self, text: str) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(text)
        new.replace(self.path)

    def goes_away(self) -> None:
        self.path.unlink()

    def keys(self, *, dev: bool = True) -> FileKeys:
        return FileKeys(self.path, dev=dev)


class Address(Place):
    """It counts how often it is asked."""

    setting = "RJHUB_TOKEN_JWKS_URL"

    def __init__(self, text: str = "") -> None:
        self.text, self.asked, self.status = text, 0, 200

    def says(self, text: str) -> None:
        self.text = text

    def goes_away(self) -> None:
        self.status = 500

    def keys(self, *, dev: bool = True) -> AddressKeys:
        transport = httpx.MockTransport(self._answer)
        return AddressKeys(
            "https://issuer.test/keys", dev=dev, client=httpx.AsyncClient(transport=transport)
        )

    def _answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        return httpx.Response(self.status, text=self.text)


class TestFileKeys(KeysSuite):
    @pytest.fixture
    def place(self, tmp_path: Path) -> File:
        return File(tmp_path)


class TestAddressKeys(KeysSuite):
    @pytest.fixture
    def place(self) -> Address:
        return Address()


async def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongKeys, match="No such file"):
        await File(tmp_path).keys().start()


async def test_a_file_that_is_written_in_place_is_read_again(tmp_path: Path) -> None:
    file = File(tmp_path)
    file.says(ISSUER.jwks())
    keys = file.keys()
    await keys.start()
    file.path.write_text(FOLLOWER.jwks())
    assert await keys.find(FOLLOWER.kid)


async def test_keys_of_an_address_are_kept_and_fetched_again_for_an_unknown_id_but_not_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = Address(ISSUER.jwks())
    source = address.keys()
    await source.start()
    assert [bool(await source.find(kid)) for kid in ISSUER.private] == [True, True, True]
    assert address.asked == 1
    address.text = FOLLOWER.jwks()
    assert await source.find(FOLLOWER.kid)
    assert [await source.find(f"unknown-{n}") for n in range(20)] == [None] * 20
    assert address.asked == 2
    monkeypatch.setattr(source, "PAUSE_SECONDS", 0)
    assert await source.find("unknown") is None
    assert address.asked == 3


async def test_keys_of_an_address_that_is_away_are_used_for_a_while_and_then_nobody_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = Address(ISSUER.jwks())
    source = address.keys()
    await source.start()
    address.status = 500
    monkeypatch.setattr(source, "FRESH_SECONDS", -1)
    assert await source.find(ISSUER.kid)
    monkeypatch.setattr(source, "STALE_SECONDS", -1)
    with pytest.raises(KeysUnavailable):
        await source.find(ISSUER.kid)
    with pytest.raises(Problem) as unavailable:
        await Tokens(source, ISSUER.name, ISSUER.audience).actor([f"Bearer {ISSUER.token()}"])
    assert unavailable.value.kind is Kind.UNAVAILABLE


async def test_an_address_that_is_away_does_not_stop_the_start_and_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = Address(ISSUER.jwks())
    address.status = 500
    source = address.keys()
    await source.start()
    address.status = 200
    assert await source.find(ISSUER.kid)


def _jwk(**changed: object) -> dict[str, object]:
    return {**ISSUER.public("dev-ed"), **changed}


def _weak() -> dict[str, object]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505
    return {**jwt.get_algorithm_by_name("RS256").to_jwk(key, as_dict=True), "kid": "weak"}


def _private() -> dict[str, object]:
    key = ISSUER.private["dev-ed"]
    return {**jwt.get_algorithm_by_name("EdDSA").to_jwk(key, as_dict=True), "kid": "private"}


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"},
        _jwk(kid=None),
        _jwk(kid=7),
        _jwk(use="enc"),
        _jwk(alg="HS256"),
        _jwk(x="!"),
        _jwk(crv="Ed448"),
        {"kty": "EC", "crv": "P-256", "kid": "empty"},
        _weak(),
        _private(),
        "text",
    ],
    ids=[
        "secret",
        "no kid",
        "odd kid",
        "use",
        "alg",
        "broken",
        "curve",
        "empty",
        "weak",
        "own",
        "str",
    ],
)
def test_a_key_that_must_not_verify_is_left_out(entry: object) -> None:
    keys = read_keys(json.dumps({"keys": [entry, ISSUER.public("dev-ec")]}), dev=True)
    assert list(keys) == ["dev-ec"]
