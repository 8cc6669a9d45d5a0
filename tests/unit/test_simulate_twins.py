"""Simulated worlds share what was prepared once, and what they read from the same bytes."""

from __future__ import annotations

from random import Random

from kernel.project.port import Document, Lost, Written
from kernel.testing.simulate.databases import Databases
from kernel.testing.simulate.fate import Fate
from kernel.testing.simulate.loop import SimLoop
from kernel.testing.spec import CASE

VIEW = "cases__1"


def databases() -> Databases:
    loop = SimLoop(1)  # type: ignore[abstract]  # it has no sockets, threads or signals
    return Databases("consent", Fate(Random(1), loop))


def written(where: Databases, version: int) -> Document:
    before = where.documents.all(VIEW).get(CASE, Document(CASE))
    document = Document(CASE, {"at": version}, {"consent-1": version}, revision=before.revision)
    assert where.documents._write(VIEW, [document], None) == [Written()]
    return document


def test_an_heir_has_what_was_there_and_both_go_their_own_way() -> None:
    ancestor, heir = databases(), databases()
    written(ancestor, 1)
    heir.inherit(ancestor)
    assert heir.documents.all(VIEW) == ancestor.documents.all(VIEW)
    written(heir, 2)
    assert ancestor.documents.all(VIEW)[CASE].body == {"at": 1}
    assert heir.documents.all(VIEW)[CASE].body == {"at": 2}


def test_a_document_that_is_remembered_is_the_one_that_was_written_last() -> None:
    where = databases()
    first = written(where, 1)
    assert where.documents.all(VIEW)[CASE].body == {"at": 1}
    written(where, 2)
    assert where.documents.all(VIEW)[CASE].body == {"at": 2}
    assert where.documents._write(VIEW, [first], None) == [Lost()]
    assert where.documents.all(VIEW)[CASE].body == {"at": 2}
