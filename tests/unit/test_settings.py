"""Settings: each wrong or unknown variable is named, with what is wrong and what would be right."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernel.settings import Settings, WrongSettings, env_example, load, load_or_exit
from rjhub.stack.certificates import new_authority

Environment = dict[str, str]


@pytest.fixture
def good(tmp_path: Path) -> Environment:
    """The variables of a service that starts."""
    (tmp_path / "keys.json").write_text("{}")
    (tmp_path / "address").write_text("mongodb://user:word@db/?replicaSet=rs0\n")
    (tmp_path / "request-hash.key").write_bytes(bytes(range(32)))
    return {
        "RJHUB_MONGO_URL": "mongodb://user:word@db/?replicaSet=rs0",
        "RJHUB_KAFKA": "one:9092,two:9092",
        "RJHUB_HTTP_PORT": "8101",
        "RJHUB_HUB_ORG": "11111111-1111-4111-8111-111111111111",
        "RJHUB_TOKEN_ISSUER": "https://issuer.test",
        "RJHUB_TOKEN_AUDIENCE": "rjhub",
        "RJHUB_TOKEN_KEY_FILE": str(tmp_path / "keys.json"),
        "RJHUB_SECRETS_DIR": str(tmp_path),
    }


def _set(monkeypatch: pytest.MonkeyPatch, environment: Environment) -> None:
    for name in os.environ:
        if name.startswith("RJHUB_"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def _load(monkeypatch: pytest.MonkeyPatch, environment: Environment) -> Settings:
    _set(monkeypatch, environment)
    return load()


def _without(environment: Environment, *names: str) -> Environment:
    return {name: value for name, value in environment.items() if name not in names}


def test_good_settings_are_read(monkeypatch: pytest.MonkeyPatch, good: Environment) -> None:
    settings = _load(monkeypatch, {**good, "RJHUB_DEV": "1", "RJHUB_TOKEN_JWKS_URL": ""})
    assert settings.http_port == 8101
    assert settings.dev
    assert "user:word" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("RJHUB_MONGO_URL", "postgres://jane:canary@db", "mongodb://"),
        ("RJHUB_MONGO_URL", "", "is missing"),
        ("RJHUB_MONGO_URL_FILE", "/nowhere", "file"),
        ("RJHUB_KAFKA", "one", "host:port"),
        ("RJHUB_KAFKA", "one:9092, two:9092", "host:port"),
        ("RJHUB_KAFKA", "one:99092", "host:port"),
        ("RJHUB_KAFKA_SECURITY", "ssl", "plaintext, or sasl_ssl"),
        ("RJHUB_KAFKA_USER", "consent", "for RJHUB_KAFKA_SECURITY=sasl_ssl alone"),
        ("RJHUB_KAFKA_PASSWORD_FILE", "/nowhere", "file that holds the password"),
        ("RJHUB_KAFKA_PASSWORD", "canary", "did you mean RJHUB_KAFKA_PASSWORD_FILE?"),
        ("RJHUB_HTTP_PORT", "0", "1 to 65535"),
        ("RJHUB_HTTP_PORT", "http", "1 to 65535"),
        ("RJHUB_HUB_ORG", "West Midlands", "uuid"),
        ("RJHUB_TOKEN_ISSUER", "", "is missing"),
        ("RJHUB_TOKEN_KEY_FILE", "/nowhere", "JWKS"),
        ("RJHUB_TOKEN_KEY_FILE", "", "exactly one of RJHUB_TOKEN_KEY_FILE"),
        ("RJHUB_TOKEN_JWKS_URL", "https://issuer.test/keys", "exactly one of"),
        ("RJHUB_SECRETS_DIR", "/nowhere", "folder"),
        ("RJHUB_DEV", "maybe", "neither 0 nor 1"),
        ("RJHUB_DATABASE_PREFIX", "Rj Hub", "a-z"),
        ("RJHUB_SERVICE_URLS", "{", "is not JSON"),
        ("RJHUB_SERVICE_URLS", '{"consent": "canary"}', "JSON, service to address"),
        ("RJHUB_LEASE_SECONDS", "1000", "1 to 60"),
        ("RJHUB_SESSION_TIMEOUT_MS", "fast", "1000 to 60000"),
        ("RJHUB_IDLE_FETCH_MS", "60000", "100 to 5000"),
        ("RJHUB_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("RJHUB_CRASH_AT", "after_send", "after_send:3"),
        ("RJHUB_CRASH_AT", "after_send:1", "RJHUB_DEV=1"),
        ("RJHUB_MONGO_URI", "x", "did you mean RJHUB_MONGO_URL?"),
        ("RJHUB_COLOUR", "x", "is not a setting"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, good: Environment, variable: str, value: str, words: str
) -> None:
    with pytest.raises(WrongSettings) as wrong:
        _load(monkeypatch, {**good, variable: value})
    (line,) = str(wrong.value).splitlines()
    assert variable in line
    assert words in line
    assert "canary" not in line


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongSettings) as wrong:
        _load(monkeypatch, {"RJHUB_COLOUR": "red", "RJHUB_HTTP_PORT": "x"})
    named = [line.partition(":")[0] for line in str(wrong.value).splitlines()]
    assert named == [
        "RJHUB_COLOUR",
        *("RJHUB_KAFKA", "RJHUB_MONGO_URL", "RJHUB_HTTP_PORT", "RJHUB_HUB_ORG"),
        *("RJHUB_TOKEN_ISSUER", "RJHUB_TOKEN_AUDIENCE", "RJHUB_SECRETS_DIR"),
    ]


def test_keys_from_an_address_are_fetched_safely_outside_development(
    monkeypatch: pytest.MonkeyPatch, good: Environment
) -> None:
    plain = {
        **_without(good, "RJHUB_TOKEN_KEY_FILE"),
        "RJHUB_TOKEN_JWKS_URL": "http://issuer.test/keys",
    }
    with pytest.raises(WrongSettings, match="RJHUB_TOKEN_JWKS_URL: must be https"):
        _load(monkeypatch, plain)
    assert _load(monkeypatch, {**plain, "RJHUB_DEV": "1"}).token_jwks_url


def test_the_databases_address_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, good: Environment, tmp_path: Path
) -> None:
    by_file = {
        **_without(good, "RJHUB_MONGO_URL"),
        "RJHUB_MONGO_URL_FILE": str(tmp_path / "address"),
    }
    settings = _load(monkeypatch, by_file)
    assert settings.mongo_url.get_secret_value() == good["RJHUB_MONGO_URL"]
    with pytest.raises(WrongSettings, match="only one of RJHUB_MONGO_URL"):
        _load(monkeypatch, {**by_file, **good})


@pytest.fixture
def secured(good: Environment, tmp_path: Path) -> Environment:
    """The variables of a service whose broker asks for a password."""
    authority = new_authority(datetime.now(UTC))
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem())
    (tmp_path / "password").write_text("canary\n")
    (tmp_path / "empty").write_text("\n")
    return {
        **good,
        "RJHUB_KAFKA_SECURITY": "sasl_ssl",
        "RJHUB_KAFKA_USER": "consent",
        "RJHUB_KAFKA_PASSWORD_FILE": str(tmp_path / "password"),
        "RJHUB_KAFKA_CA_FILE": str(tmp_path / "ca.pem"),
    }


def test_both_clients_of_the_broker_are_told_the_same(
    monkeypatch: pytest.MonkeyPatch, secured: Environment
) -> None:
    settings = _load(monkeypatch, secured)
    options = settings.kafka_options()
    told = {name: value for name, value in options.items() if name != "ssl_context"}
    assert told == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "consent",
        "sasl_plain_password": "canary",
    }
    assert options["ssl_context"].check_hostname
    assert "canary" not in repr(settings)


def test_a_broker_in_plain_text_is_told_nothing(
    monkeypatch: pytest.MonkeyPatch, good: Environment
) -> None:
    assert _load(monkeypatch, good).kafka_options() == {}


def test_without_a_file_the_authorities_of_the_system_are_asked(
    monkeypatch: pytest.MonkeyPatch, secured: Environment
) -> None:
    options = _load(monkeypatch, _without(secured, "RJHUB_KAFKA_CA_FILE")).kafka_options()
    assert options["ssl_context"].verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("RJHUB_KAFKA_USER", "", "is missing; right is, with sasl_ssl: the name"),
        ("RJHUB_KAFKA_PASSWORD_FILE", "", "is missing; right is, with sasl_ssl: file"),
        ("RJHUB_KAFKA_PASSWORD_FILE", "{tmp}/empty", "holds no password that can be read"),
        ("RJHUB_KAFKA_CA_FILE", "{tmp}/password", "holds no certificate that can be read"),
        ("RJHUB_KAFKA_CA_FILE", "/nowhere", "PEM file of the authority"),
    ],
)
def test_what_does_not_fit_a_broker_with_passwords_is_named(
    monkeypatch: pytest.MonkeyPatch,
    secured: Environment,
    tmp_path: Path,
    variable: str,
    value: str,
    words: str,
) -> None:
    with pytest.raises(WrongSettings) as wrong:
        _load(monkeypatch, {**secured, variable: value.format(tmp=tmp_path)})
    (line,) = str(wrong.value).splitlines()
    assert line.startswith(f"{variable}: ")
    assert words in line
    assert "canary" not in line


def test_a_key_is_made_of_a_whole_file(
    monkeypatch: pytest.MonkeyPatch, good: Environment, tmp_path: Path
) -> None:
    settings = _load(monkeypatch, good)
    (tmp_path / "longer.key").write_bytes(bytes(range(200)))
    keys = [settings.key(name) for name in ("request-hash.key", "longer.key")]
    assert [len(one) for one in keys] == [32, 32]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    "content",
    [None, b"", b"secret", b"changeme" * 3, b"0" * 64],
    ids=["none", "empty", "short", "default", "plain"],
)
def test_a_key_that_is_missing_short_or_plain_is_refused(
    monkeypatch: pytest.MonkeyPatch, good: Environment, tmp_path: Path, content: bytes | None
) -> None:
    settings = _load(monkeypatch, good)
    if content is not None:
        (tmp_path / "vault.key").write_bytes(content)
    with pytest.raises(WrongSettings, match=r"RJHUB_SECRETS_DIR: .*vault\.key.* 32 random bytes"):
        settings.key("vault.key")


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("RJHUB_HTTP_PORT", "many", "RJHUB_HTTP_PORT"),
        ("RJHUB_KAFKA_SECURITY", "sasl_ssl", "RJHUB_KAFKA_USER"),
    ],
)
def test_wrong_settings_end_the_process_with_2_and_their_name(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    good: Environment,
    variable: str,
    value: str,
    named: str,
) -> None:
    _set(monkeypatch, good | {variable: value})
    with pytest.raises(SystemExit) as ended:
        load_or_exit()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"{named}: ")


def test_the_example_names_every_setting_and_its_default() -> None:
    text = env_example()
    for field in Settings.model_fields:
        assert f"RJHUB_{field}".upper() + "=" in text
    assert "\nRJHUB_KAFKA=\n" in text
    assert "\n# RJHUB_DATABASE_PREFIX=rj\n" in text


def test_the_example_holds_no_secret_and_no_setting_that_starts_a_service_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [line for line in env_example().splitlines() if line.startswith("RJHUB_")]
    pairs = [(name, value) for name, _, value in (line.partition("=") for line in lines)]
    assert all(value == "" for _, value in pairs)
    with pytest.raises(WrongSettings):
        _load(monkeypatch, dict(pairs))
