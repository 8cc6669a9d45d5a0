"""A broker with TLS, passwords and rights: its keys, and what it is told of its users."""

from __future__ import annotations

import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kafka.admin import (
    KafkaAdminClient,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from kernel.kafka.access import Options
from rjhub.stack.certificates import Identity, issued, new_authority, still_good
from rjhub.stack.keys import HUB_USER, READABLE_BY_ALL, Volumes, new_password
from rjhub.stack.rights import ANALYST, USERS, give_rights, take_rights

KAFKA_USER = 1000
ROOT = 0
INSIDE = ("kafka", "localhost", "127.0.0.1")
# The names in the certificates of those whom the broker trusts in all, as super.users has them.
BROKER, SETTLE = "broker", "settle"
CA, CERTIFICATE = "kafka-ca.pem", "kafka.pem"


def make_kafka_keys(root: Path, outside: str) -> None:
    """Make what is missing: authority, certificates, and a password for each user.

    `outside` is the host by which subscribers reach the broker. A certificate that would end
    before long, or is for other hosts, is made anew; the authority and the passwords are kept.
    """
    issuer = _Issuer.of(Volumes(root), datetime.now(UTC))
    for volume in ("public", "kafka", "settle", ANALYST):
        issuer.show_authority(volume)
    issuer.certify(BROKER, "kafka", KAFKA_USER, hosts={*INSIDE, outside})
    issuer.certify(SETTLE, "settle", HUB_USER)
    for user in USERS:
        _password(issuer.volumes, user)


@dataclass(frozen=True)
class _Issuer:
    volumes: Volumes
    authority: Identity
    now: datetime

    @classmethod
    def of(cls, volumes: Volumes, now: datetime) -> _Issuer:
        kept = volumes.keep("authority", "authority.pem", ROOT, lambda: new_authority(now).pem())
        return cls(volumes, Identity.read(kept), now)

    def show_authority(self, volume: str) -> None:
        """By this one knows the broker."""
        self.volumes.put(volume, CA, ROOT, self.authority.certificate_pem(), READABLE_BY_ALL)

    def certify(self, name: str, volume: str, owner: int, hosts: Collection[str] = ()) -> None:
        """Key and certificate of this name; those that are there, while they are good."""

        def make() -> bytes:
            return issued(self.authority, name, hosts, self.now).pem()

        found = self.volumes.keep(volume, CERTIFICATE, owner, make)
        if not still_good(Identity.read(found), self.authority, hosts, self.now):
            self.volumes.put(volume, CERTIFICATE, owner, make())


def _password(volumes: Volumes, user: str) -> None:
    """The user's own copy, and that of whoever tells the broker."""
    password = volumes.keep("settle", f"kafka-password-{user}", HUB_USER, new_password)
    volumes.put(user, "kafka-password", HUB_USER, password)


def by_certificate(keys: Path) -> Options:
    """How the broker is reached by the certificate in this volume."""
    context = ssl.create_default_context(cafile=keys / CA)
    context.load_cert_chain(keys / CERTIFICATE)
    return {"security_protocol": "SSL", "ssl_context": context}


def let_in(bootstrap: str, options: Options, keys: Path) -> None:
    """Tell the broker the passwords and the rights of its users, as they are now."""
    with KafkaAdminClient(bootstrap_servers=bootstrap, **options) as admin:
        passwords = {one: (keys / f"kafka-password-{one}").read_text() for one in USERS}
        give_passwords(admin, passwords)
        for user in USERS:
            give_rights(admin, user)


def add_subscriber(bootstrap: str, options: Options, name: str) -> str:
    """A user of its own for somebody who reads the log; its password, which nobody keeps.

    Given anew to one who is there already, it takes the place of the former.
    """
    user, password = user_of(name), new_password().decode()
    with KafkaAdminClient(bootstrap_servers=bootstrap, **options) as admin:
        give_passwords(admin, {user: password})
        give_rights(admin, user)
    return password


def remove_subscriber(bootstrap: str, options: Options, name: str) -> None:
    """Nobody comes in as this one any more; who is in may no longer read."""
    user = user_of(name)
    with KafkaAdminClient(bootstrap_servers=bootstrap, **options) as admin:
        take_rights(admin, user)
        gone = UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512)
        admin.alter_user_scram_credentials([gone])


def user_of(name: str) -> str:
    """The user's name, which no service has."""
    return f"subscriber-{name}"


def give_passwords(admin: KafkaAdminClient, passwords: dict[str, str]) -> None:
    """Each of these users has this password from now on. Raises PermissionError."""
    mechanism = ScramMechanism.SCRAM_SHA_512
    told = [UserScramCredentialUpsertion(user, mechanism, word) for user, word in passwords.items()]
    refused = {user: why for user, why in admin.alter_user_scram_credentials(told).items() if why}
    if refused:
        raise PermissionError(f"the broker refuses passwords: {refused}")
