"""What an HTTP client verifies: everything, except where it speaks plain HTTP to all it calls."""

from __future__ import annotations

import pytest

from kernel import tls


@pytest.mark.parametrize(
    "urls",
    [
        ["https://issuer.example/keys"],
        ["http://127.0.0.1:8101", "https://consent.example"],
        ["HTTPS://issuer.example/keys"],
        ["issuer.example/keys"],
        [""],
    ],
)
def test_who_may_speak_tls_is_verified(urls: list[str]) -> None:
    assert tls.may_be_spoken(urls)


@pytest.mark.parametrize("urls", [["http://127.0.0.1:8101"], ["http://a", "http://b"], []])
def test_nobody_reads_authorities_for_plain_addresses(urls: list[str]) -> None:
    assert not tls.may_be_spoken(urls)
