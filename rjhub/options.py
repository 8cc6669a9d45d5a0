"""Options that several commands take; light, since every command imports them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TOKEN = "RJHUB_TOKEN"  # noqa: S105  a variable of the command line, and no service's
MIN_FREE_MB = 1024

Dir = Annotated[Path, typer.Option("--dir", help="Folder of the hub's data, keys and logs.")]
Against = Annotated[
    str | None,
    typer.Option(
        help="Address of a gateway, with each service under its name, instead of the hub in --dir."
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        help="With --against: the key that signs development tokens, if not the one that the "
        f"gateway hands out. Other hubs take the token in the variable {TOKEN}.",
    ),
]
User = Annotated[
    str | None,
    typer.Option("--user", help="With --kafka: the user, where the broker asks for one."),
]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="With --user: file that holds the password.")
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file", help="With --user: PEM file of the broker's authority, if it is none of all's."
    ),
]
