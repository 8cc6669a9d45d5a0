"""The compose file keeps what operations teams rely on, whoever edits it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kernel.settings import Settings
from rjhub.addresses import SERVICES
from rjhub.organisations import HUB, organisation_id
from rjhub.stack.settings import StackSettings
from rjhub.tokens import AUDIENCE, ISSUER

ROOT = Path(__file__).parents[2]
BASE = ROOT / "docker-compose.yml"
OVERLAYS = sorted((ROOT / "deploy").glob("compose.*.yml"))
COMPOSE: dict[str, Any] = yaml.safe_load(BASE.read_text())
DEMO: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.demo.yml").read_text())
SECURE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.secure.yml").read_text())
# What nobody may set from outside, and why; everything else is passed on.
SET_HERE = {
    "kafka": "the broker is that of the file",
    "kafka_security": "compose.secure.yml turns it on, for the broker as well",
    "kafka_user": "compose.secure.yml: each service is another one",
    "kafka_password_file": "compose.secure.yml: where the volume of the service is mounted",
    "kafka_ca_file": "compose.secure.yml: where the volume of public keys is mounted",
    "mongo_url": "it holds a password, which is made at the first start and kept in a volume",
    "mongo_url_file": "where the volume of the service is mounted",
    "http_host": "the gateway is in another container",
    "http_port": "the gateway and the health check know it; RJHUB_HTTP_PUBLISH is for outside",
    "secrets_dir": "where the volume of the service is mounted",
    "dev": "compose.demo.yml turns it on, for keys and gateway as well",
    "database_prefix": "the users of the database have rights to those that begin with rj",
    "service_urls": "they are those of the file",
    "crash_at": "fault tests kill, and begin no containers",
}
VARIABLE = re.compile(r"\$\{(RJHUB_[A-Z_]+)(?::?-([^}]*))?\}")


def part(name: str) -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE["services"][name]
    return found


def variables() -> list[tuple[str, str]]:
    return [one for path in (BASE, *OVERLAYS) for one in VARIABLE.findall(path.read_text())]


def test_every_variable_is_a_setting_that_the_example_lists() -> None:
    example = (ROOT / ".env.example").read_text()
    known = {
        f"RJHUB_{name.upper()}" for name in (*Settings.model_fields, *StackSettings.model_fields)
    }
    for name, _ in variables():
        assert name in known
        assert re.search(rf"^#? ?{name}=", example, re.MULTILINE), name


def test_the_example_says_the_defaults_of_the_file() -> None:
    said = dict(variables())
    for name, field in StackSettings.model_fields.items():
        assert said[f"RJHUB_{name.upper()}"] == field.default


@pytest.mark.parametrize("name", SERVICES)
def test_what_may_be_set_reaches_each_service_and_nothing_else_does(name: str) -> None:
    """So that no line of `.env` that a service would take is passed over in silence."""
    told = part(name)["environment"]
    passed = {one for one, value in told.items() if f"${{{one}" in value}
    assert passed == {
        f"RJHUB_{field.upper()}" for field in Settings.model_fields if field not in SET_HERE
    }


def test_what_is_not_set_is_as_it_is_without_containers() -> None:
    said = dict(variables())
    for name, field in Settings.model_fields.items():
        if name not in SET_HERE and field.default and not field.is_required():
            assert said[f"RJHUB_{name.upper()}"] == str(field.default)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name: str) -> None:
    service = part(name)
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert "ports" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reads_its_own_keys_only(name: str) -> None:
    mounted = {one.partition(":")[0] for one in part(name)["volumes"]}
    assert mounted == {f"{name}-keys", "public-keys"}
    assert all(one.endswith(":ro") for one in part(name)["volumes"])


@pytest.mark.parametrize("name", ["mongo", "kafka", "gateway", *SERVICES])
def test_whatever_stays_starts_again_and_says_how_it_is(name: str) -> None:
    assert part(name)["restart"] == "unless-stopped"
    assert part(name)["healthcheck"]["test"]


def test_no_log_grows_for_ever_be_it_of_a_container_that_runs_once() -> None:
    parts = [one for file in (COMPOSE, DEMO, SECURE) for one in file["services"].values()]
    for one in (one for one in parts if "image" in one):
        assert one["logging"]["options"] == {"max-size": "10m", "max-file": "3"}


def test_health_is_asked_without_a_virtual_machine_or_a_shell_of_the_database() -> None:
    for name in COMPOSE["services"]:
        asked = " ".join(part(name).get("healthcheck", {}).get("test", []))
        assert not re.search(r"mongosh|kafka-|python|curl", asked)


def test_one_http_port_and_one_of_the_broker_are_published_on_this_machine_alone() -> None:
    published = {name: one["ports"] for name, one in COMPOSE["services"].items() if "ports" in one}
    assert published.keys() == {"gateway", "kafka"}
    for (address,) in published.values():
        assert ":-127.0.0.1:" in address


def test_images_are_pinned_and_nothing_is_named_for_one_replica() -> None:
    for name, one in COMPOSE["services"].items():
        assert not one["image"].endswith(":latest")
        assert ":" in one["image"]
        assert "container_name" not in one, name


def test_engines_are_images_of_who_makes_them() -> None:
    """Others keep a name and give no more patches under it."""
    parts = [one for file in (COMPOSE, DEMO, SECURE) for one in file["services"].values()]
    images = {one["image"].partition(":")[0] for one in parts if "image" in one}
    assert images == {"mongo", "apache/kafka", "caddy", "${RJHUB_IMAGE"}


def test_a_broker_alone_wants_no_second_one_for_its_own_topics() -> None:
    """Otherwise no group ever begins, and its clients wait without a word."""
    told = part("kafka")["environment"]
    copies = {name for name in told if name.endswith(("_REPLICATION_FACTOR", "_MIN_ISR"))}
    assert "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR" in copies
    assert {told[one] for one in copies} == {"1"}


def test_a_broker_makes_no_topic_unasked_and_keeps_nobody_waiting() -> None:
    """By default a group begins 3 s late, and a broker that was killed comes back 9 s late."""
    told = part("kafka")["environment"]
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert told["KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS"] == "0"
    assert int(told["KAFKA_BROKER_SESSION_TIMEOUT_MS"]) < 9000


@pytest.mark.parametrize("path", [BASE, *OVERLAYS], ids=lambda path: path.name)
def test_no_file_holds_a_secret(path: Path) -> None:
    for line in path.read_text().splitlines():
        if re.search(r"password|secret|token_key|private", line, re.IGNORECASE):
            assert re.search(r"_FILE|_DIR|/keys|#", line), line


def test_what_the_demo_turns_on_is_off_without_it() -> None:
    assert "RJHUB_DEV" not in BASE.read_text()
    assert "dev-key" not in BASE.read_text()
    for name in SERVICES:
        assert DEMO["services"][name]["environment"]["RJHUB_DEV"] == "1"


def test_the_demo_is_the_hub_of_the_development_tokens() -> None:
    settings = DEMO["services"]["referral"]["environment"]
    assert settings["RJHUB_HUB_ORG"] == str(organisation_id(HUB))
    assert settings["RJHUB_TOKEN_ISSUER"] == ISSUER
    assert settings["RJHUB_TOKEN_AUDIENCE"] == AUDIENCE


def test_a_token_is_made_as_services_ask_for_it() -> None:
    made, asked = part("token")["environment"], part("referral")["environment"]
    assert made.keys() == {"RJHUB_HUB_ORG", "RJHUB_TOKEN_ISSUER", "RJHUB_TOKEN_AUDIENCE"}
    assert made.items() <= asked.items()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_a_user_of_its_own_where_the_broker_asks_for_one(name: str) -> None:
    settings = SECURE["services"][name]["environment"]
    assert settings["RJHUB_KAFKA_SECURITY"] == "sasl_ssl"
    assert settings["RJHUB_KAFKA_USER"] == name
    assert settings["RJHUB_KAFKA_PASSWORD_FILE"].startswith("/keys/")


def test_no_listener_is_plain_where_the_broker_asks_for_users_and_only_certificates_do_all() -> (
    None
):
    settings = SECURE["services"]["kafka"]["environment"]
    listeners = dict(
        one.split(":") for one in settings["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")
    )
    assert listeners == {
        "HUB": "SASL_SSL",
        "OUTSIDE": "SASL_SSL",
        "PEERS": "SSL",
        "CONTROLLER": "SSL",
    }
    for name in ("PEERS", "CONTROLLER"):
        assert settings[f"KAFKA_LISTENER_NAME_{name}_SSL_CLIENT_AUTH"] == "required"
    trusted = settings["KAFKA_SUPER_USERS"].split(";")
    assert trusted == ["User:CN=broker", "User:CN=settle"]
    assert settings["KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND"] == "false"


def test_the_authority_of_the_broker_is_mounted_where_keys_are_made_alone() -> None:
    mounted = {
        name
        for name, one in SECURE["services"].items()
        if any(volume.startswith("authority-key:") for volume in one.get("volumes", []))
    }
    assert mounted == {"keys"}
