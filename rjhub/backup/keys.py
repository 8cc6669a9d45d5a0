"""The keys of a hub on one machine, copied apart from its backup: who has both has everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rjhub.backup.manifest import BadBackup
from rjhub.folder import write_private

NOT_IN_IT = "signing key and secrets are not in it: keep them apart, this backup needs them"
KEPT = ("keys/*.pem", "secrets/*/*")


def copy_keys(folder: Path, into: Path) -> list[str]:
    """Copy signing key and secrets, for their owner alone; raises BadBackup."""
    names = keys_to_copy(folder, into)
    for name in names:
        _put(into / name, (folder / name).read_bytes())
    return names


def keys_to_copy(folder: Path, into: Path) -> list[str]:
    """What `copy_keys` would copy; raises BadBackup as it does."""
    if into.exists():
        raise BadBackup(f"{into.absolute()} is there already. Name a folder that is not.")
    if names := list(_keys(folder)):
        return names
    raise BadBackup(f"{folder.absolute()} has no keys to copy.")


def bring_back_keys(kept: Path, folder: Path, *, replace: bool) -> list[str]:
    """Put the keys back; one that is another than the hub's is replaced only if told so."""
    names = keys_to_bring_back(kept, folder, replace=replace)
    for name in names:
        _put(folder / name, (kept / name).read_bytes())
    return names


def keys_to_bring_back(kept: Path, folder: Path, *, replace: bool) -> list[str]:
    """What `bring_back_keys` would put back; raises BadBackup as it does."""
    names = list(_keys(kept))
    others = [name for name in names if _is_another(kept / name, folder / name)]
    if not names:
        raise BadBackup(f"{kept.absolute()} holds no keys.")
    if others and not replace:
        raise BadBackup(f"The hub has others: {', '.join(others)}. Say --replace to change them.")
    return names


def _keys(root: Path) -> Iterator[str]:
    found = [path for pattern in KEPT for path in root.glob(pattern)]
    yield from sorted(str(path.relative_to(root)) for path in found)


def _is_another(kept: Path, there: Path) -> bool:
    return there.exists() and there.read_bytes() != kept.read_bytes()


def _put(path: Path, content: bytes) -> None:
    for folder in reversed([*path.parents][:3]):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, content)
