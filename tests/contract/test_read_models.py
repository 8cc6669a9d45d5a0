"""Documents change by a new version only, which the releases before and after can both answer from.

While a new version is made, the release that has it answers from documents of the one before; and
where that one runs beside it, or comes back, from those of this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kernel.project.memory import MemoryDocuments
from kernel.project.port import Projection, Written
from kernel.rebuild.views import Live
from kernel.testing.spec import CASE
from services.reporting.app import SERVICE
from services.reporting.kpi.figures import FIGURES
from tests.contract.read_models import FOLDER, folded, kept, path_of, text_of
from tests.support_http import HUB, small_service

RELEASED = sorted(path.stem for path in FOLDER.glob("*.json"))
ROLES = {"/worklist": "coordinator", "/figures": "analyst"}


@pytest.mark.parametrize("projection", SERVICE.projections, ids=lambda one: one.name)
def test_what_a_version_makes_of_the_same_history_stays_the_same(projection: Projection) -> None:
    made = text_of(folded(projection).body)
    assert made == path_of(projection.view).read_text(), (
        f"the documents of {projection.name} change: raise its version, "
        "then `python -m tests.contract.read_models`"
    )


@pytest.mark.parametrize("view", RELEASED)
async def test_this_release_answers_from_what_others_have_left(view: str) -> None:
    views = {one.name: one.view for one in SERVICE.projections} | {view.partition("__")[0]: view}
    documents, live = MemoryDocuments(), Live()
    live.show(views)
    for projection in SERVICE.projections:
        there = replace(folded(projection), revision=0, body=kept(views[projection.name]))
        assert await documents.write(views[projection.name], [there]) == [Written()]
    service = await small_service(
        lambda surface: replace(
            surface, name="reporting", routes=SERVICE.routes, documents=documents, live=live
        ),
    )
    for path in _paths():
        role = ROLES.get(path, "supervisor")
        async with service.client(role=role, org=str(HUB)) as client:
            answer = await client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"


def _paths() -> Iterator[str]:
    for row in SERVICE.routes:
        path: str = row.path
        for figure in FIGURES if "{name}" in path else FIGURES[:1]:
            yield path.format(case=CASE, name=figure.name)


@pytest.mark.parametrize("view", RELEASED)
def test_a_version_keeps_every_field_of_the_one_before(view: str) -> None:
    name, _, version = view.partition("__")
    before = f"{name}__{int(version) - 1}"
    if before not in RELEASED:
        assert version == "1", f"{path_of(before).name} is gone"
        return
    assert _fields(kept(before)) - _fields(kept(view)) == set()


def _fields(found: Any, at: str = "") -> set[str]:
    """The paths of all fields; the items of a list are one."""
    match found:
        case dict():
            below = [_fields(one, f"{at}.{name}") for name, one in found.items()]
            return {at}.union(*below)
        case list():
            return {at}.union(*(_fields(one, f"{at}[]") for one in found))
        case _:
            return {at}
