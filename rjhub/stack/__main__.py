"""`python -m rjhub.stack`: what the compose file runs, in containers of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID, uuid4

import typer

from contracts.fields import Role
from rjhub.stack.kafka import (
    add_subscriber,
    by_certificate,
    make_kafka_keys,
    remove_subscriber,
)
from rjhub.stack.keys import ISSUER_KEY_ID, make_keys
from rjhub.stack.settle import settle
from rjhub.tokens import Bearer, signed, signing_key

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Dev = Annotated[bool, typer.Option(envvar="RJHUB_DEV", help="With development clock and tokens.")]


Security = Annotated[
    Literal["plaintext", "sasl_ssl"],
    typer.Option(envvar="RJHUB_KAFKA_SECURITY", help="How the broker is reached."),
]
Outside = Annotated[
    str, typer.Option(envvar="RJHUB_KAFKA_ADDRESS", help="Where subscribers reach the broker.")
]


@app.command()
def keys(
    root: Path = Path("/keys"),
    *,
    dev: Dev = False,
    kafka_security: Security = "plaintext",
    kafka_address: Outside = "127.0.0.1:9094",
) -> None:
    """Make the keys and passwords that are missing, each in the volume of its only reader."""
    make_keys(root, dev=dev)
    if kafka_security == "sasl_ssl":
        make_kafka_keys(root, kafka_address.rpartition(":")[0])


@app.command("settle")
def settle_engines(
    keys_: Annotated[Path, typer.Argument(metavar="KEYS")] = Path("/keys"),
    kafka: str = "kafka:9092",
    *,
    dev: Dev = False,
    kafka_security: Security = "plaintext",
) -> None:
    """Initiate the replica set, tell database and broker their users, make the topics."""
    settle(keys_, kafka, dev=dev, secure=kafka_security == "sasl_ssl")


@app.command("subscriber")
def let_in_subscriber(
    name: str,
    keys_: Annotated[Path, typer.Option("--keys")] = Path("/keys"),
    kafka: str = "kafka:9095",
    *,
    remove: Annotated[bool, typer.Option(help="Let it in no longer.")] = False,
) -> None:
    """Let in somebody else who reads the log, as subscriber-NAME, and print the password."""
    options = by_certificate(keys_)
    if remove:
        remove_subscriber(kafka, options, name)
    else:
        typer.echo(add_subscriber(kafka, options, name))


@app.command()
def token(
    role: Role,
    organisation: Annotated[UUID, typer.Option(envvar="RJHUB_HUB_ORG")],
    issuer: Annotated[str, typer.Option(envvar="RJHUB_TOKEN_ISSUER")],
    audience: Annotated[str, typer.Option(envvar="RJHUB_TOKEN_AUDIENCE")],
    actor: Annotated[UUID | None, typer.Option(help="Whose token; else a new person's.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24)] = 8,
    key: Path = Path("/keys/signing.pem"),
) -> None:
    """Print a token signed with the hub's own key, where there is no other issuer."""
    made = signed(
        signing_key(key),
        Bearer(organisation, role, actor or uuid4()),
        datetime.now(UTC),
        issuer=issuer,
        kid=ISSUER_KEY_ID,
        audience=audience,
        valid_for=timedelta(hours=hours),
    )
    typer.echo(made)


if __name__ == "__main__":
    app()
