"""`rjhub backup` and `rjhub restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rjhub.folder import FOLDER
from rjhub.options import Dir

if TYPE_CHECKING:
    from rjhub.backup.manifest import Manifest

UrlFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the mongodb:// address of a hub elsewhere, with the credentials of a user "
        "who may read, or for a restore write, all of its databases.",
    ),
]
Prefix = Annotated[str, typer.Option(help="What the names of the hub's databases begin with.")]


def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    folder: Dir = FOLDER,
    mongo_url_file: UrlFile = None,
    prefix: Prefix = "rj",
    keys: Annotated[
        Path | None,
        typer.Option(help="Copy signing key and secrets of --dir there, apart from the backup."),
    ] = None,
) -> None:
    """Back up all stores of a hub as of one moment, while it works.

    It ends with 15 if no backup was made; there is then nothing at DIR.
    """
    from rjhub.backup.keys import NOT_IN_IT, copy_keys, keys_to_copy
    from rjhub.backup.make import make_backup
    from rjhub.backup.manifest import BadBackup
    from rjhub.backup.place import database_of

    if keys and mongo_url_file:
        raise BadBackup("Its keys lie elsewhere: copy them apart (docs/operations.md says how).")
    if keys:
        keys_to_copy(folder, keys)
    said = f"copied apart, to {keys.absolute()}" if keys else NOT_IN_IT
    with database_of(folder, mongo_url_file) as url:
        manifest = make_backup(url, prefix, target, said)
    if keys:
        copy_keys(folder, keys)
    typer.echo(f"{target}: {_told(manifest)}")
    typer.echo(f"Keys: {said}.")


def restore(
    source: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A backup; it is checked before use.")
    ] = None,
    folder: Dir = FOLDER,
    mongo_url_file: UrlFile = None,
    prefix: Prefix = "rj",
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what the stores hold.")
    ] = False,
    keys: Annotated[
        Path | None, typer.Option(help="Bring back the keys that were copied there.")
    ] = None,
    note: Annotated[
        bool,
        typer.Option("--only-note", help="Another tool restored the stores: only note that."),
    ] = False,
) -> None:
    """Restore all stores of a hub; its services must be stopped, its broker may go on.

    At their start the services take back from the log what the backup lacks, and answer 503 until
    they have. It ends with 15 if this is no whole backup, with 16 if it was not restored.
    """
    from rjhub.backup.keys import bring_back_keys, keys_to_bring_back
    from rjhub.backup.manifest import BadBackup
    from rjhub.backup.place import database_of
    from rjhub.backup.restore import only_note, restore_backup

    if (source is None) != note:
        raise BadBackup("Name a backup, or say --only-note.")
    if keys and mongo_url_file:
        raise BadBackup("Its keys lie elsewhere: bring them back there (docs/operations.md).")
    if keys:
        keys_to_bring_back(keys, folder, replace=replace)
    with database_of(folder, mongo_url_file, alone=True, new=source is not None) as url:
        if source is None:
            typer.echo(f"Noted in {', '.join(only_note(url, prefix))}.")
            return
        # The embedded broker, which kept the log in its memory, has ended with the hub.
        gone = mongo_url_file is None
        manifest = restore_backup(url, source, prefix, replace=replace, log_is_gone=gone)
    brought = bring_back_keys(keys, folder, replace=replace) if keys else []
    typer.echo(f"Restored from {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {_told(manifest)}")
    typer.echo(f"Keys brought back: {', '.join(brought) or 'none'}.")


def _told(manifest: Manifest) -> str:
    stores = [one.heads for one in manifest.databases.values() if one.heads]
    events = sum(one.events for one in stores)
    return (
        f"{len(manifest.databases)} databases, {manifest.documents} documents, "
        f"{sum(one.commits for one in stores)} commits with {events} events."
    )
