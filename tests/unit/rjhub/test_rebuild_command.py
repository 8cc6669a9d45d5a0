"""What `rjhub rebuild` asks of the services, and what it says."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest
from rich.console import Console

from contracts.fields import Role
from kernel.http.status import ReplicaStatus
from rjhub import rebuild
from rjhub.hubfile import Reach
from rjhub.organisations import HUB
from rjhub.reach import Asking, NoAnswer
from tests.unit.rjhub.test_status import READING, REBUILDING

JOINING = REBUILDING.model_copy(update={"partitions": 0})
FOLDING, FOLDED = REBUILDING.model_copy(update={"events": 4711}), REBUILDING
SAME = REBUILDING.model_copy(update={"stage": "comparing", "compared": 3})
OTHER = REBUILDING.model_copy(
    update={
        "stage": "different",
        "compared": 3,
        "different": 1,
        "examples": ("111 says something else of the same events",),
    }
)


@dataclass
class Reporting:
    """Answers as reporting does: at each look it is a step further, then the view answers."""

    steps: list[Any] = field(default_factory=lambda: [JOINING, FOLDING, FOLDED, SAME])
    answers: str = "timeline__1"
    made: str | None = None
    kept: list[str] = field(default_factory=list)
    given_up: bool = False
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        service, _, path = request.url.path.strip("/").partition("/")
        if service != "reporting":
            return httpx.Response(404, json={"detail": "There is no such address."})
        if path == "status":
            return httpx.Response(200, json=self._status())
        if request.method == "POST":
            body = json.loads(request.content)
            self.asked.append((path, body))
            discarded = {"views": ["timeline__1"]} if path.endswith("discard") else {}
            return httpx.Response(200, json={**body, "view": "timeline__1_2", **discarded})
        found: Any = {
            "read_model": "timeline",
            "answers": self.answers,
            "made": self.made,
            "kept": self.kept,
        }
        return httpx.Response(200, json={"items": [found]})

    def _status(self) -> Any:
        now = self.steps.pop(0)
        if not self.steps and self.given_up:
            self.kept = ["timeline__1_2"]
        elif not self.steps:
            self.answers = "timeline__1_2"
        return ReplicaStatus(
            service="reporting",
            release="1",
            replica="one",
            wrong=(),
            reading=READING,
            rebuilds=(now,),
        ).model_dump(mode="json")


@contextmanager
def asking(reporting: Reporting) -> Iterator[Asking]:
    hub = Reach(
        services={one: f"http://hub/{one}" for one in ("referral", "reporting")},
        tokens={HUB: {Role.OPERATIONS: "token"}},
    )
    with Asking(hub, httpx.Client(transport=httpx.MockTransport(reporting))) as found:
        yield found


def test_it_tells_how_it_goes_until_the_new_one_answers() -> None:
    said: list[str] = []
    with asking(reporting := Reporting()) as hub:
        rebuild.begin(hub, said.append, "timeline", again=0)
    assert reporting.asked == [("rebuilds/begin", {"read_model": "timeline"})]
    assert said == [
        "timeline__1_2 is being made from the log; timeline__1 answers meanwhile",
        "timeline__1_2: about to be read",
        "timeline__1_2: 4,711 events to go",
        "timeline__1_2: all folded so far",
        "timeline__1_2: 3 documents compared, all the same",
        "timeline__1_2 answers",
    ]


def test_what_is_being_made_already_is_followed() -> None:
    said: list[str] = []
    with asking(reporting := Reporting(steps=[FOLDED], made="timeline__1_2")) as hub:
        rebuild.begin(hub, said.append, "timeline", again=0)
    assert reporting.asked == []
    assert said[-1] == "timeline__1_2 answers"


@pytest.mark.parametrize("made", [None, "timeline__1_2"])
def test_it_ends_where_what_is_made_was_given_up_whether_or_not_the_replica_knows(
    made: str | None,
) -> None:
    reporting = Reporting(steps=[FOLDING, FOLDED], given_up=True, made=made)
    with asking(reporting) as hub, pytest.raises(rebuild.GivenUp) as ended:
        rebuild.begin(hub, lambda _: None, "timeline", again=0)
    assert ended.value.exit_code == 1
    assert str(ended.value) == "timeline__1_2 was given up; timeline__1 answers"


def test_what_answered_before_and_is_made_again_is_followed() -> None:
    said: list[str] = []
    reporting = Reporting(steps=[FOLDING, FOLDED], made="timeline__1_2", kept=["timeline__1_2"])
    with asking(reporting) as hub:
        rebuild.begin(hub, said.append, "timeline", again=0)
    assert said[-1] == "timeline__1_2 answers"


def test_it_stops_where_a_person_has_to_say_which_is_right() -> None:
    with (
        asking(Reporting(steps=[FOLDING, OTHER, OTHER])) as hub,
        pytest.raises(rebuild.Different) as ended,
    ):
        rebuild.begin(hub, lambda _: None, "timeline", again=0)
    assert ended.value.exit_code == 1
    assert str(ended.value) == (
        "timeline__1_2: 1 of 3 documents are different, such as 111 says something else of the "
        "same events; `rjhub rebuild timeline --accept` takes it as it is, `--stop` gives it up"
    )


def test_what_is_different_is_taken_or_given_up() -> None:
    said: list[str] = []
    with asking(reporting := Reporting()) as hub:
        rebuild.accept(hub, said.append, "timeline")
        rebuild.stop(hub, said.append, "timeline")
        rebuild.discard(hub, said.append, "timeline")
    asked = [path.removeprefix("rebuilds/") for path, _ in reporting.asked]
    assert asked == ["accept", "stop", "discard"]
    assert said[-1] == "gone: timeline__1"


def test_a_read_model_that_nobody_has_is_told_with_those_there_are() -> None:
    with asking(Reporting()) as hub, pytest.raises(rebuild.NoReadModel) as ended:
        rebuild.begin(hub, print, "unknown")
    assert ended.value.exit_code == 18
    assert str(ended.value) == "There is no read model unknown; there are timeline."


def test_all_of_them_are_listed_as_a_table_or_for_programs() -> None:
    out = io.StringIO()
    with asking(Reporting()) as hub:
        rebuild.show(hub, Console(file=out, width=120), as_json=False)
        rebuild.show(hub, Console(file=(for_programs := io.StringIO())), as_json=True)
    assert "timeline__1" in out.getvalue()
    (row,) = json.loads(for_programs.getvalue())
    assert (row["service"], row["answers"]) == ("reporting", "timeline__1")


def test_for_programs_it_is_printed_how_the_read_model_stands_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    aside: list[str] = []
    with asking(Reporting()) as hub:
        rebuild.for_programs(hub, partial(rebuild.begin, again=0), aside.append, "timeline")
    told = json.loads(capsys.readouterr().out)
    assert (told["service"], told["answers"]) == ("reporting", "timeline__1_2")
    assert aside[-1] == "timeline__1_2 answers"


def test_for_programs_it_is_printed_where_it_does_not_come_to_its_end_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    different = Reporting(steps=[OTHER, OTHER], made="timeline__1_2")
    with asking(different) as hub, pytest.raises(rebuild.Different):
        rebuild.for_programs(hub, partial(rebuild.begin, again=0), print_nothing, "timeline")
    told = json.loads(capsys.readouterr().out)
    assert (told["answers"], told["made"]) == ("timeline__1", "timeline__1_2")


def print_nothing(_: str) -> None:
    """Nobody reads it."""


def test_a_refusal_of_the_service_is_passed_on() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(409, json={"detail": "timeline__1_2 is being made already."})
        return Reporting()(request)

    with (
        asking(refuse) as hub,  # type: ignore[arg-type]
        pytest.raises(NoAnswer, match=r"409: timeline__1_2 is being made already\.$"),
    ):
        rebuild.begin(hub, print, "timeline")
