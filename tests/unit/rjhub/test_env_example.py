"""`.env.example` is what the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from rjhub.env_example import OutOfDate, write


def test_a_written_file_is_up_to_date(tmp_path: Path) -> None:
    write(tmp_path / "example")
    write(tmp_path / "example", check=True)


def test_a_file_that_differs_is_refused_with_the_command_that_writes_it(tmp_path: Path) -> None:
    (tmp_path / "example").write_text("RJHUB_OLD=\n")
    with pytest.raises(OutOfDate, match="rjhub env-example"):
        write(tmp_path / "example", check=True)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutOfDate):
        write(tmp_path / "example", check=True)
