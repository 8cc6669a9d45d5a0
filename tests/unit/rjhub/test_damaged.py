"""What a power cut may leave of a hub's folder is named, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rjhub.folder import FORMAT, Damaged, opened
from rjhub.tokens import signing_key


@pytest.mark.parametrize("content", ["", "x", "\x00\x00"], ids=["empty", "word", "nul"])
def test_a_format_that_is_no_number_is_named_and_left_as_it_is(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "format").write_text(content)
    with pytest.raises(Damaged, match=f"format is damaged.* Write {FORMAT} into it"):
        opened(tmp_path, 0).__enter__()
    assert (tmp_path / "format").read_text() == content


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"-----BEGIN PRIVATE KEY-----\nMC4CAQAw"])
def test_a_signing_key_that_cannot_be_read_is_named_and_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "signing.pem"
    path.write_bytes(content)
    with pytest.raises(Damaged, match=r"signing\.pem is damaged.* Delete it"):
        signing_key(path)
    assert path.read_bytes() == content
