"""A broker as a person names it on the command line, with a user and a password where it asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from contracts.envelope import Topic
from kernel.kafka.access import BROKERS, Options, brokers, by_password, described
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.log import LogIdentity
from rjhub.child import HubError
from rjhub.hubfile import where_to_look

PATIENCE_SECONDS = 3.0


class WrongAccess(HubError):
    """That is no address, or user, password and authority do not fit or cannot be read."""

    exit_code = 2


@dataclass(frozen=True)
class Broker:
    """Where the log is, and what its clients are told; `folder` of the hub whose broker it is."""

    bootstrap: str
    options: Options = field(default_factory=dict, repr=False)
    folder: Path | None = None

    def __str__(self) -> str:
        return f"{self.bootstrap} {described(self.options)}"

    async def identity(self) -> LogIdentity:
        """Which log is there now; raises LogUnavailable, in more words than a client has."""
        reader = KafkaReader(
            Address(self.bootstrap, Topic.ALL, timeout=PATIENCE_SECONDS, security=self.options)
        )
        try:
            return await reader.identity()
        finally:
            await reader.close()

    def what_to_do(self) -> str:
        """What to do where it does not answer; raises NoHub if it was a hub's that has ended."""
        if self.folder:
            return where_to_look(self.folder, "broker")
        return "Does the broker run? `make up` starts a hub with one."


def named(
    bootstrap: str,
    user: str | None,
    password_file: Path | None,
    ca_file: Path | None,
    folder: Path | None = None,
) -> Broker:
    """The broker at this address, reached as this user; raises WrongAccess."""
    try:
        brokers(bootstrap)
    except ValueError as wrong:
        raise WrongAccess(f"--kafka: {wrong}; right is: {BROKERS}.") from None
    if user is None and password_file is None and ca_file is None:
        return Broker(bootstrap, folder=folder)
    if user is None or password_file is None:
        raise WrongAccess("Name --user and --password-file together, and --ca-file with them.")
    try:
        password = password_file.read_text().strip()
        return Broker(bootstrap, by_password(user, password, ca_file), folder)
    except OSError as wrong:
        raise WrongAccess(f"{wrong.filename or ca_file}: {wrong.strerror or wrong}") from None
