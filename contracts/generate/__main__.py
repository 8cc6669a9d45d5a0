"""`python -m contracts.generate` writes what follows from the events; `--check` looks for drift."""

from __future__ import annotations

import sys
from pathlib import Path

from contracts.generate.folder import Folder

ROOT = Path(__file__).parents[2]


def main(arguments: list[str], folder: Folder | None = None) -> int:
    """0 when all is well; 1, and what to do, when not."""
    folder = folder or Folder(ROOT)
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m contracts.generate [--check]\n")
        return 2
    problems = folder.drift() if arguments else folder.write()
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
