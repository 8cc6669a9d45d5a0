"""What runs in a hub on one machine: engines and services, their ports and their settings."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.error import URLError

from rjhub.addresses import CHILDREN, SERVICES, kafka_address, mongo_url, service_url
from rjhub.child import LOCALHOST, HubError, Spec, free_port, is_free, take
from rjhub.engines import broker, mongod, plain_environment
from rjhub.folder import Folder, read_json, write_private
from rjhub.hubfile import HubFile
from rjhub.options import TOKEN
from rjhub.organisations import HUB, ORGANISATIONS, organisation_id
from rjhub.tokens import (
    AUDIENCE,
    ISSUER,
    KEY_ID,
    VALID_FOR,
    all_tokens,
    public_keys,
    signing_key,
)

SECRETS = {"referral": ("request-hash.key", "duplicate-token.key")}
EVERY_SERVICES_SECRETS = ("request-hash.key",)


class PortInUse(HubError):
    """A port that was asked for is taken."""

    exit_code = 6


@dataclass(frozen=True)
class Plan:
    """What is started; the services end first, the engines last."""

    mongod: Spec
    broker: Spec
    services: tuple[Spec, ...]
    ports: Mapping[str, int]


def choose_ports(folder: Folder, first: int | None = None) -> dict[str, int]:
    """Six ports from `first` on, which must be free; else those of the last run, or free ones."""
    if first is not None:
        ports = {name: first + place for place, name in enumerate(CHILDREN)}
        _take(ports)
        return ports
    last = _last_ports(folder)
    ports = {}
    for name in CHILDREN:
        port = last.get(name, 0)
        usable = port > 0 and port not in ports.values() and take(port)
        ports[name] = port if usable else free_port()
    return ports


def database_moves(folder: Folder, ports: Mapping[str, int]) -> str:
    """What to say where another program has the port of the database's last run; else nothing."""
    last = _last_ports(folder).get("mongod", ports["mongod"])
    if last == ports["mongod"] or is_free(last):
        return ""
    return (
        f"Port {last}, where the database was last, is in use by another program. The database "
        f"moves to port {ports['mongod']} with its data, which may take half a minute …"
    )


def make_plan(folder: Folder, ports: Mapping[str, int]) -> Plan:
    """The six children, with keys and secrets made where they are missing."""
    _make_keys(folder)
    return Plan(
        mongod=mongod(folder.database, ports["mongod"]),
        broker=broker(ports["broker"]),
        services=tuple(service(name, folder, ports) for name in SERVICES),
        ports=ports,
    )


def service(name: str, folder: Folder, ports: Mapping[str, int]) -> Spec:
    """One service, set by its environment alone."""
    url = service_url(ports, name)
    return Spec(
        name=name,
        url=url,
        argv=lambda: [sys.executable, "-m", f"services.{name}"],
        ready=partial(answers_ok, f"{url}/health/ready"),
        env=_environment(name, folder, ports),
    )


def write_hub_file(folder: Folder, ports: Mapping[str, int]) -> HubFile:
    """Write where everything is, with fresh tokens."""
    now = datetime.now(UTC)
    hub = HubFile(
        pid=os.getpid(),
        written=now,
        services={name: service_url(ports, name) for name in SERVICES},
        kafka=kafka_address(ports),
        mongo=mongo_url(ports),
        ports=dict(ports),
        organisations={name: organisation_id(name) for name in ORGANISATIONS},
        tokens=all_tokens(signing_key(folder.path / "keys" / "signing.pem"), now),
        tokens_end=now + VALID_FOR,
    )
    write_private(folder.hub_file, hub.model_dump_json(indent=2) + "\n")
    return hub


def secrets_of(name: str) -> tuple[str, ...]:
    """The key files that a service needs in its secrets folder."""
    return SECRETS.get(name, EVERY_SERVICES_SECRETS)


def answers_ok(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own http address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _take(ports: Mapping[str, int]) -> None:
    taken = [f"{port} ({name})" for name, port in ports.items() if not take(port)]
    if taken:
        raise PortInUse(
            f"In use by another program: port {', '.join(taken)}. Name another first port of six "
            "with --port, or leave it out to take free ones."
        )


def _last_ports(folder: Folder) -> dict[str, int]:
    return dict(read_json(folder.hub_file).get("ports", {}))


def _make_keys(folder: Folder) -> None:
    key = signing_key(folder.path / "keys" / "signing.pem")
    write_private(_jwks(folder), public_keys({KEY_ID: key}))
    for name in SERVICES:
        for secret in secrets_of(name):
            _make_secret(_secrets(folder, name) / secret)


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_private(path, os.urandom(32))


def _jwks(folder: Folder) -> Path:
    return folder.path / "keys" / "jwks.json"


def _secrets(folder: Folder, name: str) -> Path:
    return folder.path / "secrets" / name


def _is_a_services(variable: str) -> bool:
    """The hub's own broker knows no users, whatever another one is told."""
    ours = variable.startswith("RJHUB_") and variable != TOKEN
    return ours and not variable.startswith("RJHUB_KAFKA")


def _environment(name: str, folder: Folder, ports: Mapping[str, int]) -> dict[str, str]:
    """Ours last: a setting of the caller's, such as RJHUB_LOG_LEVEL, passes through."""
    passed = {one: value for one, value in os.environ.items() if _is_a_services(one)}
    urls = {one: service_url(ports, one) for one in SERVICES}
    return {
        **plain_environment(),
        "RJHUB_SESSION_TIMEOUT_MS": "2000",
        "RJHUB_IDLE_FETCH_MS": "1000",  # the embedded broker looks in the middle and at the end
        **passed,
        "RJHUB_MONGO_URL": mongo_url(ports),
        "RJHUB_KAFKA": kafka_address(ports),
        "RJHUB_HTTP_HOST": LOCALHOST,
        "RJHUB_HTTP_PORT": str(ports[name]),
        "RJHUB_DEV": "1",
        "RJHUB_TOKEN_ISSUER": ISSUER,
        "RJHUB_TOKEN_AUDIENCE": AUDIENCE,
        "RJHUB_TOKEN_KEY_FILE": str(_jwks(folder)),
        "RJHUB_HUB_ORG": str(organisation_id(HUB)),
        "RJHUB_SECRETS_DIR": str(_secrets(folder, name)),
        "RJHUB_SERVICE_URLS": json.dumps(urls),
        "PYTHONUNBUFFERED": "1",
        "PYDANTIC_DISABLE_PLUGINS": "__all__",  # there are none; to look for some takes a while
    }
