"""The issuer's keys, from a file and from an address, and which of them are left out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from structlog.testing import capture_logs

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
        self.answers = asyncio.Event()
        self.answers.set()

    def says(self, text: str) -> None:
        self.text = text

    def goes_away(self) -> None:
        self.status = 500

    def keys(self, *, dev: bool = True) -> AddressKeys:
        transport = httpx.MockTransport(self._answer)
        return AddressKeys(
            "https://issuer.test/keys", dev=dev, client=httpx.AsyncClient(transport=transport)
        )

    async def _answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.answers.wait()
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


async def test_a_file_that_could_not_be_read_for_a_while_is_read_once_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = File(tmp_path)
    file.says(ISSUER.jwks())
    keys = file.keys()
    await keys.start()
    file.says(FOLLOWER.jwks())
    with monkeypatch.context() as locked, capture_logs() as said:
        locked.setattr(Path, "read_bytes", _refused)
        assert [await keys.find(FOLLOWER.kid) for _ in range(3)] == [None] * 3
        assert await keys.find(ISSUER.kid)
    assert len(said) == 1
    assert await keys.find(FOLLOWER.kid)


def _refused(_: Path) -> bytes:
    raise PermissionError


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


async def silent(monkeypatch: pytest.MonkeyPatch) -> tuple[Address, AddressKeys]:
    """An address that answered once, of which it is time to ask again, and that hangs by then."""
    address = Address(ISSUER.jwks())
    source = address.keys()
    await source.start()
    address.answers.clear()
    monkeypatch.setattr(source, "FRESH_SECONDS", -1)
    monkeypatch.setattr(source, "NEWS_SECONDS", 0)
    return address, source


async def some_turns() -> None:
    """Long enough for whoever waits for nothing, or no longer than `NEWS_SECONDS`."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_known_key_does_not_wait_for_an_address_that_hangs_and_an_unknown_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, source = await silent(monkeypatch)
    async with asyncio.timeout(1):
        assert all(await asyncio.gather(*(source.find(ISSUER.kid) for _ in range(50))))
    unknown = asyncio.create_task(source.find(FOLLOWER.kid))
    await some_turns()
    assert (address.asked, unknown.done()) == (2, False)
    address.text = FOLLOWER.jwks()
    address.answers.set()
    assert await unknown
    assert await source.find(ISSUER.kid) is None


async def test_a_key_that_is_too_old_waits_for_news(monkeypatch: pytest.MonkeyPatch) -> None:
    address, source = await silent(monkeypatch)
    monkeypatch.setattr(source, "_fetched", float("-inf"))
    old = asyncio.create_task(source.find(ISSUER.kid))
    await some_turns()
    assert (address.asked, old.done()) == (2, False)
    address.answers.set()
    assert await old


async def test_a_key_that_left_is_refused_at_the_first_look_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, source = await silent(monkeypatch)
    monkeypatch.setattr(source, "NEWS_SECONDS", 1)
    address.text = FOLLOWER.jwks()
    address.answers.set()
    assert await source.find(ISSUER.kid) is None


async def test_who_gives_up_waiting_ends_the_question_for_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, source = await silent(monkeypatch)
    first, second = (asyncio.create_task(source.find(FOLLOWER.kid)) for _ in range(2))
    await some_turns()
    first.cancel()
    address.text = FOLLOWER.jwks()
    address.answers.set()
    assert await second
    assert address.asked == 2


async def test_closing_ends_a_question_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    _, source = await silent(monkeypatch)
    assert await source.find(ISSUER.kid)
    await source.close()
    assert len(asyncio.all_tasks()) == 1


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
