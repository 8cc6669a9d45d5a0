"""What tests make once on a machine: whole or not there, and made by one of those who would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.cache import kept


def fill(folder: Path | None, text: str) -> None:
    assert folder
    (folder / "made").write_text(text)


def test_what_was_made_is_not_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with kept(folder) as fresh:
        fill(fresh, "once")
    with kept(folder) as again:
        assert again is None
    assert (folder / "made").read_text() == "once"


def test_of_two_who_make_it_at_once_the_quicker_one_has_made_it(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with kept(folder) as slower:
        fill(slower, "slower")
        with kept(folder) as quicker:
            fill(quicker, "quicker")
    assert (folder / "made").read_text() == "quicker"
    assert [*tmp_path.iterdir()] == [folder]


def test_what_broke_off_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "kept"

    def break_off() -> None:
        with kept(folder) as fresh:
            fill(fresh, "half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert [*tmp_path.iterdir()] == []
