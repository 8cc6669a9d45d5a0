"""A broker as a person names it on the command line, with a user and a password where it asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from contracts.envelope import Topic
from kernel.kafka.access import BROKERS, Options, brokers, by_password, described
from kernel.kafka.reader import KafkaReader
from kernel.kafka.session import Address
from kernel.log import LogUnavailable
from rjhub.child import HubError


class WrongAccess(HubError):
    """That is no address, or user, password and authority do not fit or cannot be read."""

    exit_code = 2


@dataclass(frozen=True)
class Broker:
    """Where the log is, and what its clients are told."""

    bootstrap: str
    options: Options = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.bootstrap} {described(self.options)}"

    async def why_not(self) -> str:
        """Why it is not reached, in more words than a client has; '' if it is."""
        reader = KafkaReader(Address(self.bootstrap, Topic.ALL, security=self.options))
        try:
            await reader.identity()
        except LogUnavailable as away:
            return str(away)
        finally:
            await reader.close()
        return ""


def named(
    bootstrap: str, user: str | None, password_file: Path | None, ca_file: Path | None
) -> Broker:
    """The broker at this address, reached as this user; raises WrongAccess."""
    try:
        brokers(bootstrap)
    except ValueError as wrong:
        raise WrongAccess(f"--kafka: {wrong}; right is: {BROKERS}.") from None
    if user is None and password_file is None and ca_file is None:
        return Broker(bootstrap)
    if user is None or password_file is None:
        raise WrongAccess("Name --user and --password-file together, and --ca-file with them.")
    try:
        return Broker(bootstrap, by_password(user, password_file.read_text().strip(), ca_file))
    except OSError as wrong:
        raise WrongAccess(f"{wrong.filename or ca_file}: {wrong.strerror or wrong}") from None
