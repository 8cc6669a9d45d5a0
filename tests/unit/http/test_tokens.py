"""Bearer tokens: every kind of bad one is a 401 that says what is wrong."""

from __future__ import annotations

from uuid import UUID

import pytest
import time_machine

from contracts.fields import Role
from kernel.http.problems import Kind, Problem
from kernel.http.tokens import Tokens
from tests.support_http import POLICE, Issuer
from tests.support_tokens import BAD, in_seconds

ISSUER = Issuer()
SUBJECT = "5d1c4f0e-6a55-4c0b-9b0e-2f6a1d3c7e10"


@pytest.fixture
async def tokens() -> Tokens:
    found = Tokens(ISSUER.keys(), ISSUER.name, ISSUER.audience)
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


async def test_tokens_are_checked_against_the_real_clock(tokens: Tokens) -> None:
    header = f"Bearer {ISSUER.token()}"
    with time_machine.travel(in_seconds(590)):
        await tokens.actor([header])
    with time_machine.travel(in_seconds(660)), pytest.raises(Problem, match="expired"):
        await tokens.actor([header])
