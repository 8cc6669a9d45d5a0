"""What every keeper of documents does; the database and its twin both pass."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import pytest

from kernel.project.documents import LARGEST
from kernel.project.port import (
    AtMost,
    Body,
    Document,
    Documents,
    Lost,
    Parked,
    Refused,
    Why,
    Written,
)
from tests.support_folds import ALICE, BOB, CAROL, NOW, at, walk

VIEW = "walk__1"


class Colour(StrEnum):
    """A field of a body may be a member of such an enum."""

    RED = "red"


def document(key: UUID = ALICE, revision: int = 0, **body: object) -> Document:
    return Document(key, dict(body), {f"referral-{key}": 1}, None, revision)


async def kept(documents: Documents, *which: Document) -> None:
    assert await documents.write(VIEW, which) == [Written()] * len(which)


async def body(documents: Documents, key: UUID = ALICE) -> Body:
    found = await documents.get(VIEW, key)
    assert found
    return found.body


class DocumentsSuite:
    """Subclasses give the fixture `documents`."""

    async def test_what_was_written_is_loaded_one_revision_on(self, documents: Documents) -> None:
        parked = Parked(2, Why.GAP, "x", at("referral", 2), NOW)
        await kept(documents, replace(document(name="a"), parked=parked))
        found = await documents.load(VIEW, [ALICE, BOB])
        assert found == {ALICE: replace(document(revision=1, name="a"), parked=parked)}

    async def test_every_kind_of_value_comes_back(self, documents: Documents) -> None:
        values: Body = {
            "text": "Zoë",
            "count": 2**40,
            "share": 0.5,
            "yes": True,
            "nothing": None,
            "id": BOB,
            "when": NOW,
            "list": [1, {"deep": [BOB, NOW]}],
            "dict": {"a-b": 1},
            "enum": Colour.RED,
        }
        await kept(documents, document(**values))
        assert await body(documents) == values
        assert (await body(documents))["when"].tzinfo is not None

    async def test_an_unknown_key_gives_nothing(self, documents: Documents) -> None:
        assert await documents.load(VIEW, [ALICE]) == {}
        assert await documents.get(VIEW, ALICE) is None

    async def test_the_next_revision_replaces(self, documents: Documents) -> None:
        await kept(documents, document(n=1, old=True))
        await kept(documents, document(revision=1, n=2))
        assert await body(documents) == {"n": 2}

    async def test_a_late_write_at_an_old_revision_is_lost(self, documents: Documents) -> None:
        await kept(documents, document(n=1))
        await kept(documents, document(revision=1, n=2))
        assert await documents.write(VIEW, [document(revision=1, n=99)]) == [Lost()]
        assert await body(documents) == {"n": 2}

    async def test_a_second_insert_is_lost(self, documents: Documents) -> None:
        await kept(documents, document(n=1))
        assert await documents.write(VIEW, [document(n=99)]) == [Lost()]
        assert await body(documents) == {"n": 1}

    async def test_each_document_of_a_batch_has_its_own_result(self, documents: Documents) -> None:
        await kept(documents, document(n=1))
        results = await documents.write(
            VIEW,
            [
                document(n=99),
                document(BOB, n=2),
                document(CAROL, n={1, 2}),
            ],
        )
        assert [type(one) for one in results] == [Lost, Written, Refused]
        assert set(await documents.load(VIEW, [ALICE, BOB, CAROL])) == {ALICE, BOB}

    async def test_of_many_writers_at_one_revision_one_wins(self, documents: Documents) -> None:
        await kept(documents, document(n=0))
        writes = [documents.write(VIEW, [document(revision=1, n=n)]) for n in range(1, 9)]
        results = [result for (result,) in await asyncio.gather(*writes)]
        assert results.count(Written()) == 1
        assert await body(documents) == {"n": results.index(Written()) + 1}

    @pytest.mark.parametrize(
        "value",
        [{1, 2}, 2**70, object(), "\ud800", {1: "a"}, "x" * LARGEST],
        ids=["set", "huge int", "object", "surrogate", "number as key", "too large"],
    )
    async def test_what_cannot_be_stored_is_refused(
        self, documents: Documents, value: object
    ) -> None:
        (result,) = await documents.write(VIEW, [document(bad=value)])
        assert isinstance(result, Refused)
        assert await documents.get(VIEW, ALICE) is None

    async def test_a_document_at_the_limit_can_still_be_marked(self, documents: Documents) -> None:
        full = document(text="x" * (LARGEST - 200))
        await kept(documents, full)
        parked = Parked(2, Why.REFUSED, "x" * 200, at("referral", 2), NOW)
        await kept(documents, replace(full, revision=1, parked=parked))

    async def test_a_page_is_in_key_order_and_goes_on_behind_a_key(
        self, documents: Documents
    ) -> None:
        people = sorted([ALICE, BOB, CAROL])
        await kept(documents, *(document(one) for one in people))
        first = await documents.page(VIEW, limit=2)
        rest = await documents.page(VIEW, after=first[-1].id, limit=2)
        assert [one.id for one in first + rest] == people

    async def test_a_page_finds_by_equal_fields(self, documents: Documents) -> None:
        await kept(
            documents,
            document(ALICE, colour="red", open=True, orgs=[BOB, CAROL], inner={"a": [1, 2]}),
            document(BOB, colour="red", open=False, orgs=[CAROL], inner={"a": [2]}),
            document(CAROL, colour=None, orgs=[]),
        )
        for where, expected in (
            ({"colour": "red"}, {ALICE, BOB}),
            ({"colour": "red", "open": True}, {ALICE}),
            ({"colour": None}, {CAROL}),
            ({"open": None}, {CAROL}),
            ({"orgs": CAROL}, {ALICE, BOB}),
            ({"inner.a": 1}, {ALICE}),
            ({"colour": "blue"}, set()),
        ):
            found = await documents.page(VIEW, where)
            assert {one.id for one in found} == expected, where

    async def test_a_page_finds_moments_up_to_one(self, documents: Documents) -> None:
        later = NOW + timedelta(hours=1)
        await kept(
            documents,
            document(ALICE, due=NOW),
            document(BOB, due=later),
            document(CAROL, due=None),
        )
        assert [one.id for one in await documents.page(VIEW, {"due": AtMost(NOW)})] == [ALICE]
        found = await documents.page(VIEW, {"due": AtMost(later)})
        assert {one.id for one in found} == {ALICE, BOB}

    async def test_a_moment_is_kept_to_the_millisecond(self, documents: Documents) -> None:
        exact = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
        await kept(documents, document(when=exact))
        assert (await body(documents))["when"] == exact

    async def test_what_is_prepared_twice_is_no_error(self, documents: Documents) -> None:
        projection = walk(indexes=(("colour",), ("a", "b.c")))
        await documents.prepare(projection)
        await documents.prepare(projection)

    async def test_a_discarded_view_has_no_documents_and_others_have_theirs(
        self, documents: Documents
    ) -> None:
        await kept(documents, document(n=1))
        other = [Document(ALICE, {"n": 2})]
        assert await documents.write("walk__2", other) == [Written()]
        await documents.discard(VIEW)
        await documents.discard(VIEW)
        assert await documents.get(VIEW, ALICE) is None
        found = await documents.get("walk__2", ALICE)
        assert found == Document(ALICE, {"n": 2}, revision=1)

    async def test_a_ping_is_answered(self, documents: Documents) -> None:
        await documents.ping()
        await documents.ping()
