"""Keys of a hub of containers: random, kept, each in the volume of its only reader."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kernel.http.keys import WrongKeys, read_keys, refuse_development_keys
from rjhub.addresses import SERVICES
from rjhub.stack.keys import HUB_USER, MONGO_USER, make_keys
from rjhub.stack.settle import rights_of

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def files(root: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()
    }


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    make_keys(tmp_path, dev=False)
    first = files(tmp_path)
    make_keys(tmp_path, dev=False)
    assert files(tmp_path) == first


def test_two_hubs_have_nothing_in_common(tmp_path: Path) -> None:
    for name in ("one", "other"):
        make_keys(tmp_path / name, dev=True)
    one, other = files(tmp_path / "one"), files(tmp_path / "other")
    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())


def test_a_secret_is_read_by_its_reader_alone(tmp_path: Path) -> None:
    make_keys(tmp_path, dev=False)
    readers = {"mongo": MONGO_USER, **dict.fromkeys([*SERVICES, "settle", "issuer"], HUB_USER)}
    for volume, reader in readers.items():
        for path in (tmp_path / volume).iterdir():
            assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (reader, 0o400)


def test_a_service_has_a_password_of_its_own(tmp_path: Path) -> None:
    make_keys(tmp_path, dev=False)
    addresses = [(tmp_path / one / "mongo-url").read_text() for one in (*SERVICES, "settle")]
    assert len({one.partition("@")[0].rpartition(":")[2] for one in addresses}) == len(addresses)
    for service, address in zip(SERVICES, addresses, strict=False):
        assert f"//rj_{service}:" in address
        assert (tmp_path / "settle" / f"password-{service}").read_text() in address


def test_services_take_tokens_of_the_development_key_in_development_alone(tmp_path: Path) -> None:
    make_keys(tmp_path, dev=True)
    keys = tmp_path / "public" / "jwks.json"
    assert {one["kid"] for one in json.loads(keys.read_text())["keys"]} == {"hub-1", "dev-1"}
    with pytest.raises(WrongKeys):
        refuse_development_keys(keys.read_text())
    make_keys(tmp_path, dev=False)
    refuse_development_keys(keys.read_text())
    assert read_keys(keys.read_text(), dev=False).keys() == {"hub-1"}


def test_the_clock_is_nobodys_outside_development() -> None:
    assert rights_of("consent", dev=False) == [{"role": "readWrite", "db": "rj_consent"}]
    assert {one["db"] for one in rights_of("consent", dev=True)} == {"rj_consent", "rj_clock"}
