"""How large a commit may be: what the broker takes in one request, far below a document's limit."""

from __future__ import annotations

from kernel.store.port import Commit, CommitTooLarge

LARGEST_COMMIT = 900_000
LARGEST_EVENT = 256_000
HEADERS = 1_500


def check_size(commit: Commit) -> None:
    """Raise CommitTooLarge for a commit that could not be relayed in one piece."""
    causes = sum(len(stream) + 12 for stream, _ in commit.causes)
    sizes = [HEADERS + causes + len(event.data.encode()) for event in commit.events]
    if max(sizes) > LARGEST_EVENT:
        raise CommitTooLarge(f"an event of {max(sizes)} bytes; {LARGEST_EVENT} is the most")
    if sum(sizes) > LARGEST_COMMIT:
        raise CommitTooLarge(f"a commit of {sum(sizes)} bytes; {LARGEST_COMMIT} is the most")
