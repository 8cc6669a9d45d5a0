"""Where the database of a hub is found: behind an address, or in the folder of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import InvalidURI

from rjhub.backup.manifest import BadBackup
from rjhub.child import start
from rjhub.engines import check_engines, mongod
from rjhub.folder import Folder, is_held, opened
from rjhub.hubfile import NoHub, read_hub_file
from rjhub.leftovers import end_leftovers
from rjhub.plan import choose_ports


@contextmanager
def database_of(
    folder: Path, url_file: Path | None, *, alone: bool = False, new: bool = False
) -> Iterator[str]:
    """The database's address while the body runs.

    That of the file, else the folder's hub's if it runs, else the folder's database, which is
    started for this and ended again. `alone`: the folder's hub must not run; `new`: where there is
    none, one is made.
    """
    if url_file:
        yield _read(url_file)
    elif is_held(folder) and not alone:
        yield read_hub_file(folder).mongo
    elif not new and not Folder(folder).database.exists():
        raise NoHub(f"There is no hub in {folder.absolute()}. Name its folder with --dir.")
    else:
        with opened(folder, 0) as held, _started(held) as url:
            yield url


def client_of(url: str, **options: Any) -> MongoClient[dict[str, Any]]:
    """A client of this database; raises BadBackup, without the address, where it is none."""
    try:
        return MongoClient(url, **options)
    except (InvalidURI, ValueError):
        raise BadBackup(
            "That is no mongodb:// address of a database; special signs in user and password "
            "are to be written as %XX."
        ) from None


@contextmanager
def _started(folder: Folder) -> Iterator[str]:
    check_engines()
    end_leftovers(folder.children_file)
    spec = mongod(folder.database, choose_ports(folder)["mongod"])
    running = start(spec, folder.log("mongod"))
    try:
        yield spec.url
    finally:
        running.stop(timeout=30)


def _read(url_file: Path) -> str:
    try:
        return url_file.read_text().strip()
    except OSError as wrong:
        raise BadBackup(f"{url_file.absolute()} cannot be read: {wrong.strerror}.") from None
