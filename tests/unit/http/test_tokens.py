"""Bearer tokens: every kind of bad one is a 401 that says what is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import UUID

import httpx
import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa

from contracts.fields import Role
from kernel.http.keys import AddressKeys, FileKeys, KeysUnavailable, WrongKeys, read_keys
from kernel.http.problems import Kind, Problem
from kernel.http.tokens import Tokens
from kernel.settings import WrongSettings
from tests.support_http import POLICE, Issuer
from tests.support_tokens import BAD, in_seconds

ISSUER = Issuer()
SUBJECT = "5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10"


@pytest.fixture
async def tokens(tmp_path: Path) -> Tokens:
    found = Tokens(ISSUER.keys(tmp_path), ISSUER.name, ISSUER.audience)
    await found.start()
    return found


@pytest.mark.parametrize("kid", ["dev-ed", "dev-ec", "dev-rsa"])
async def test_a_good_token_of_each_kind_of_key_names_the_actor(tokens: Tokens, kid: str) -> None:
    token = ISSUER.token(kid, sub=SUBJECT, org=str(POLICE), role="officer")
    actor = await tokens.actor([f"Bearer {token}"])
    assert (actor.id, actor.org, actor.role) == (UUID(SUBJECT), POLICE, Role.OFFICER)


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_token_is_a_401_that_tells_nothing_of_it(tokens: Tokens, kind: str) -> None:
    token = BAD[kind](ISSUER)
    with pytest.raises(Problem) as refused:
        await tokens.actor([f"Bearer {token}"])
    assert refused.value.kind is Kind.NOT_SIGNED_IN
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer")
    assert not any(part in refused.value.detail for part in ("jane", "chief", "Midlands", "evil"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "has expired"),
        ("not valid yet", "not valid yet"),
        ("another audience", "another audience"),
        ("another issuer", "another issuer"),
        ("unknown kid", "does not name"),
        ("no kid", "`kid`"),
        ("forged signature", "signature"),
        ("unsigned", "must be signed with EdDSA, ES256, RS256"),
        ("without org", "lacks a claim"),
        ("an unknown role", "`role`"),
        ("an organisation that is no uuid", "`org`"),
        ("no JWT", "not a JWT"),
        ("oversized", "larger than"),
    ],
)
async def test_a_401_says_what_is_wrong(tokens: Tokens, kind: str, words: str) -> None:
    with pytest.raises(Problem, match=words):
        await tokens.actor([f"Bearer {BAD[kind](ISSUER)}"])


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        ["Bearer"],
        ["Bearer "],
        ["Basic amFuZTpjYW5hcnk="],
        [f"Bearer {ISSUER.token()} {ISSUER.token()}"],
        [f"Bearer {ISSUER.token()}", f"Bearer {ISSUER.token()}"],
    ],
    ids=["none", "empty", "no token", "blank", "basic", "two tokens", "two headers"],
)
async def test_only_one_bearer_header_is_taken(tokens: Tokens, headers: list[str]) -> None:
    with pytest.raises(Problem) as refused:
        await tokens.actor(headers)
    assert refused.value.kind is Kind.NOT_SIGNED_IN


async def test_a_changed_key_file_is_read_again(tmp_path: Path) -> None:
    source, follower = ISSUER.keys(tmp_path), Issuer("dev-2-")
    await source.start()
    assert await source.find(follower.kid) is None
    (tmp_path / "new.json").write_text(follower.jwks())
    os.replace(tmp_path / "new.json", tmp_path / "keys.json")  # noqa: PTH105  as a rotation does
    assert await source.find(follower.kid)
    assert await source.find(ISSUER.kid) is None


@pytest.mark.parametrize("broken", ["", "{", '{"keys": []}', "[]", '{"keys": 3}', "[" * 100_000])
async def test_a_key_file_that_breaks_keeps_the_former_keys(tmp_path: Path, broken: str) -> None:
    source = ISSUER.keys(tmp_path)
    await source.start()
    (tmp_path / "keys.json").write_text(broken)
    assert await source.find(ISSUER.kid)
    (tmp_path / "keys.json").unlink()
    assert await source.find(ISSUER.kid)


@pytest.mark.parametrize("text", ["{", '{"keys": []}', None])
async def test_a_start_without_usable_keys_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "keys.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(WrongKeys):
        await FileKeys(path, dev=True).start()


async def test_a_service_does_not_start_with_a_development_key_unless_in_development(
    tmp_path: Path,
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(ISSUER.jwks())
    await FileKeys(path, dev=True).start()
    with pytest.raises(WrongKeys, match="RJHUB_DEV=1"):
        await FileKeys(path, dev=False).start()


async def test_wrong_keys_stop_the_start_with_the_name_of_their_setting(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(ISSUER.jwks())
    by_file = FileKeys(tmp_path / "keys.json", dev=False)
    by_address = _Address(ISSUER.jwks()).keys(dev=False)
    for keys, variable in ((by_file, "RJHUB_TOKEN_KEY_FILE"), (by_address, "RJHUB_TOKEN_JWKS_URL")):
        with pytest.raises(WrongSettings, match=f"^{variable}: .*development key"):
            await Tokens(keys, ISSUER.name, ISSUER.audience).start()


async def test_a_development_key_that_appears_later_is_left_out(tmp_path: Path) -> None:
    real, path = Issuer("key-"), tmp_path / "keys.json"
    path.write_text(real.jwks())
    source = FileKeys(path, dev=False)
    await source.start()
    path.write_text(json.dumps({"keys": [ISSUER.public("dev-ed"), real.public("key-ec")]}))
    assert await source.find("dev-ed") is None
    assert await source.find("key-ec")


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


class _Address:
    """An issuer's address that counts how often it is asked."""

    def __init__(self, text: str) -> None:
        self.text, self.asked, self.status = text, 0, 200

    def keys(self, *, dev: bool = True) -> AddressKeys:
        transport = httpx.MockTransport(self._answer)
        return AddressKeys(
            "https://issuer.test/keys", dev=dev, client=httpx.AsyncClient(transport=transport)
        )

    def _answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        return httpx.Response(self.status, text=self.text)


async def test_keys_of_an_address_are_kept_and_fetched_again_for_an_unknown_id_but_not_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, follower = _Address(ISSUER.jwks()), Issuer("dev-2-")
    source = address.keys()
    await source.start()
    assert [bool(await source.find(kid)) for kid in ISSUER.private] == [True, True, True]
    assert address.asked == 1
    address.text = follower.jwks()
    assert await source.find(follower.kid)
    assert [await source.find(f"unknown-{n}") for n in range(20)] == [None] * 20
    assert address.asked == 2
    monkeypatch.setattr(source, "PAUSE_SECONDS", 0)
    assert await source.find("unknown") is None
    assert address.asked == 3


async def test_keys_of_an_address_that_is_away_are_used_for_a_while_and_then_nobody_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = _Address(ISSUER.jwks())
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
    address = _Address(ISSUER.jwks())
    address.status = 500
    source = address.keys()
    await source.start()
    address.status = 200
    assert await source.find(ISSUER.kid)


async def test_an_address_with_development_keys_stops_the_start() -> None:
    with pytest.raises(WrongKeys, match="development key"):
        await _Address(ISSUER.jwks()).keys(dev=False).start()


async def test_tokens_are_checked_against_the_real_clock(tokens: Tokens) -> None:
    header = f"Bearer {ISSUER.token()}"
    with time_machine.travel(in_seconds(590)):
        await tokens.actor([header])
    with time_machine.travel(in_seconds(660)), pytest.raises(Problem, match="expired"):
        await tokens.actor([header])
