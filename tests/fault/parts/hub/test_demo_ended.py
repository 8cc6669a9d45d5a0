"""A play that is told to end says so, and leaves nothing running."""

from __future__ import annotations

from pathlib import Path

from tests.support import eventually
from tests.support_hub import alive, launch


async def test_a_play_that_is_told_to_end_stops_the_hub_that_it_started(tmp_path: Path) -> None:
    demo = launch(
        ["rjhub", "demo", "--dir", str(tmp_path / ".rjhub")], tmp_path / ".rjhub", None, None
    )
    await eventually(lambda: (demo.folder / "hub.json").exists() or demo.ended(), 40)
    assert not demo.ended(), demo.said
    children = demo.children
    assert len(alive(children)) == 6
    assert demo.end() == 1
    assert "Told to end before the quarter was played." in demo.said
    assert alive(children) == []
