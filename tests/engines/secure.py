"""A broker with TLS, passwords and rights, told what `deploy/compose.secure.yml` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from kernel.kafka.access import MECHANISM, Options, by_password
from rjhub import child
from rjhub.child import LOCALHOST, Running, Spec, free_port
from rjhub.stack.certificates import Identity, issued, new_authority
from rjhub.stack.kafka import BROKER, CA, CERTIFICATE, SETTLE, by_certificate, let_in
from rjhub.stack.keys import new_password
from rjhub.stack.rights import ANALYST, USERS
from rjhub.topics import create_topics
from tests.engines import jars
from tests.support_readers import Listener

OVERLAY = Path(__file__).parents[2] / "deploy/compose.secure.yml"


@dataclass(frozen=True)
class Secured:
    """Where it is, and the folder with the keys of all its users."""

    bootstrap: str
    peers: str
    keys: Path

    @property
    def ca(self) -> Path:
        """The certificate by which the broker is known."""
        return self.keys / CA

    def password(self, user: str) -> str:
        """What this user says."""
        return (self.keys / f"kafka-password-{user}").read_text()

    def options(self, user: str, password: str | None = None) -> Options:
        """How this user comes in; with another password, how not."""
        return by_password(user, password or self.password(user), self.ca)

    def admin(self) -> KafkaAdminClient:
        """Who may do everything."""
        return KafkaAdminClient(bootstrap_servers=self.peers, **by_certificate(self.keys))

    def as_analyst(self) -> Listener:
        """What a subscriber is told."""
        told = {
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": MECHANISM,
            "sasl.username": ANALYST,
            "sasl.password": self.password(ANALYST),
            "ssl.ca.location": str(self.ca),
        }
        return Listener(self.bootstrap, told)

    def settings(self, user: str) -> dict[str, str]:
        """The settings of a service that comes in as this user."""
        return {
            "kafka": self.bootstrap,
            "kafka_security": "sasl_ssl",
            "kafka_user": user,
            "kafka_password_file": str(self.keys / f"kafka-password-{user}"),
            "kafka_ca_file": str(self.ca),
        }


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """One broker with its users, their rights and the hub's topics; ended after the block."""
    hub, outside, peers, controller = (free_port() for _ in range(4))
    keys = _keys(folder / "keys")
    found = Secured(f"{LOCALHOST}:{hub}", f"{LOCALHOST}:{peers}", keys)
    places = f"HUB://{LOCALHOST}:{hub},OUTSIDE://{LOCALHOST}:{outside},PEERS://{LOCALHOST}:{peers}"
    changed = {
        **_settings_of_the_overlay(keys),
        "listeners": f"{places},CONTROLLER://{LOCALHOST}:{controller}",
        "advertised.listeners": places,
        "controller.quorum.voters": f"1@{LOCALHOST}:{controller}",
    }
    running = _started(jars.broker(folder / "log", hub, changed), found, folder / "broker.log")
    try:
        create_topics(found.peers, client_config=by_certificate(keys))
        let_in(found.peers, by_certificate(keys), keys)
        yield found
    finally:
        running.kill()


def _started(spec: Spec, found: Secured, output: Path) -> Running:
    return child.start(replace(spec, ready=lambda: _answers(found)), output)


def _answers(found: Secured) -> bool:
    try:
        with found.admin() as admin:
            admin.list_topics()
    except (KafkaError, OSError):
        return False
    return True


def _keys(folder: Path) -> Path:
    """As the container `keys` makes them, in one folder."""
    folder.mkdir(parents=True)
    now = datetime.now(UTC)
    authority = new_authority(now)
    (folder / CA).write_bytes(authority.certificate_pem())
    _keep(folder / "broker.pem", issued(authority, BROKER, [LOCALHOST], now))
    _keep(folder / CERTIFICATE, issued(authority, SETTLE, [], now))
    for user in USERS:
        (folder / f"kafka-password-{user}").write_bytes(new_password())
    return folder


def _keep(path: Path, identity: Identity) -> None:
    path.write_bytes(identity.pem())


def _settings_of_the_overlay(keys: Path) -> dict[str, str]:
    """As the image reads them from variables, with the paths of these keys."""
    overlay: dict[str, Any] = yaml.safe_load(OVERLAY.read_text())
    settings = overlay["services"]["kafka"]["environment"]
    told = {_setting(name): str(value) for name, value in settings.items()}
    told = {name: value.replace("/keys/", f"{keys}/") for name, value in told.items()}
    return {**told, "ssl.keystore.location": str(keys / "broker.pem")}


def _setting(variable: str) -> str:
    name = variable.removeprefix("KAFKA_").lower()
    return name.replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")
