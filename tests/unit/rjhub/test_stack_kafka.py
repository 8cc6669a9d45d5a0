"""Keys of a broker with TLS: an authority of the hub's own, renewed in time, read by few."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509

from rjhub.addresses import SERVICES
from rjhub.stack.certificates import LASTS, Identity, issued, new_authority, still_good
from rjhub.stack.kafka import CA, CERTIFICATE, KAFKA_USER, ROOT, by_certificate, make_kafka_keys
from rjhub.stack.keys import HUB_USER, make_keys
from rjhub.stack.rights import USERS, topics_told_by

NOW = datetime(2026, 11, 22, tzinfo=UTC)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def files(root: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()
    }


def certificate(root: Path, volume: str) -> x509.Certificate:
    return Identity.read((root / volume / CERTIFICATE).read_bytes()).certificate


@only_root
def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    make_kafka_keys(tmp_path, "127.0.0.1")
    first = files(tmp_path)
    make_kafka_keys(tmp_path, "127.0.0.1")
    assert files(tmp_path) == first


@only_root
def test_two_hubs_have_no_secret_in_common(tmp_path: Path) -> None:
    for name in ("one", "other"):
        make_kafka_keys(tmp_path / name, "127.0.0.1")
    assert not set(files(tmp_path / "one").values()) & set(files(tmp_path / "other").values())


@only_root
def test_a_certificate_that_ends_before_long_is_made_anew_by_the_same_authority(
    tmp_path: Path,
) -> None:
    make_kafka_keys(tmp_path, "127.0.0.1")
    first, before = files(tmp_path), certificate(tmp_path, "kafka")
    with time_machine.travel(datetime.now(UTC) + LASTS - timedelta(days=90), tick=False):
        make_kafka_keys(tmp_path, "127.0.0.1")
    changed = {name for name, content in files(tmp_path).items() if first[name] != content}
    assert changed == {f"kafka/{CERTIFICATE}", f"settle/{CERTIFICATE}"}
    assert certificate(tmp_path, "kafka").not_valid_after_utc > before.not_valid_after_utc


@only_root
def test_a_broker_that_gets_another_address_gets_a_certificate_for_it(tmp_path: Path) -> None:
    make_kafka_keys(tmp_path, "127.0.0.1")
    settle = certificate(tmp_path, "settle")
    make_kafka_keys(tmp_path, "kafka.hub.example")
    names = certificate(tmp_path, "kafka").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert "kafka.hub.example" in names.value.get_values_for_type(x509.DNSName)
    assert certificate(tmp_path, "settle") == settle


@only_root
def test_a_key_is_read_by_its_reader_alone(tmp_path: Path) -> None:
    make_keys(tmp_path, dev=False)
    make_kafka_keys(tmp_path, "127.0.0.1")
    owners = {
        "authority": ROOT,
        "kafka": KAFKA_USER,
        **dict.fromkeys([*USERS, "settle"], HUB_USER),
    }
    for volume, owner in owners.items():
        for path in (tmp_path / volume).iterdir():
            found = (path.stat().st_uid, path.stat().st_mode & 0o777)
            assert found == ((ROOT, 0o444) if path.name == CA else (owner, 0o400)), path


@only_root
def test_each_user_has_a_password_of_its_own_and_settle_knows_it(tmp_path: Path) -> None:
    make_kafka_keys(tmp_path, "127.0.0.1")
    passwords = {one: (tmp_path / one / "kafka-password").read_text() for one in USERS}
    assert len(set(passwords.values())) == len(USERS)
    for user, password in passwords.items():
        assert (tmp_path / "settle" / f"kafka-password-{user}").read_text() == password


def test_a_certificate_counts_for_its_authority_its_hosts_and_a_while() -> None:
    authority, other = new_authority(NOW), new_authority(NOW)
    one = issued(authority, "broker", ["kafka", "127.0.0.1"], NOW)
    assert still_good(one, authority, {"127.0.0.1", "kafka"}, NOW)
    assert not still_good(one, authority, {"kafka"}, NOW)
    assert not still_good(one, other, {"127.0.0.1", "kafka"}, NOW)
    assert not still_good(one, authority, {"127.0.0.1", "kafka"}, NOW + LASTS)


def test_what_is_made_is_what_a_client_takes(tmp_path: Path) -> None:
    authority = new_authority(datetime.now(UTC))
    (tmp_path / CA).write_bytes(authority.certificate_pem())
    (tmp_path / CERTIFICATE).write_bytes(issued(authority, "settle", [], datetime.now(UTC)).pem())
    assert by_certificate(tmp_path)["ssl_context"].verify_mode is ssl.CERT_REQUIRED


def test_a_service_writes_what_the_published_language_says_that_it_tells() -> None:
    assert {one: topics_told_by(one) for one in SERVICES} == {
        "referral": {"rj.case"},
        "consent": {"rj.case"},
        "facilitation": {"rj.case", "rj.workforce"},
        "reporting": set(),
    }
