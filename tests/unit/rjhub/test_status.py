"""What `rjhub status` makes of the services' answers."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from rich.console import Console

from contracts.fields import Role
from kernel.http.problems import Wrong
from kernel.http.status import Reading, Rebuilding, ReplicaStatus, Sending
from rjhub.hubfile import Reach
from rjhub.organisations import HUB
from rjhub.reach import Asking
from rjhub.status import NotWell, ServiceStatus, look, show

Answer = Callable[[httpx.Request], httpx.Response]

SENDING = Sending(
    replicas=1, lanes=16, commits=0, oldest_seconds=0, streams_parked=0, waiting_for_causes=0
)
READING = Reading(partitions=64, of=64, events=0, seconds=0)
REBUILDING = Rebuilding(
    read_model="timeline",
    view="timeline__1_2",
    stage="folding",
    partitions=64,
    events=0,
    seconds=0,
    parked=0,
    compared=0,
    different=0,
    examples=(),
)


def replica(name: str = "one", service: str = "consent", **changed: Any) -> dict[str, Any]:
    """What a replica that is well answers, but for what is changed."""
    well = ReplicaStatus(
        service=service,
        release="1",
        replica=name,
        wrong=(),
        sending=SENDING,
        reading=READING,
        parked={},
        clock_ahead_seconds=0.1,
    )
    return well.model_copy(update=changed).model_dump(mode="json")


@contextmanager
def asking(answer: Answer, *services: str) -> Iterator[Asking]:
    names = services or ("consent",)
    hub = Reach(
        services={one: f"http://hub/{one}" for one in names},
        tokens={HUB: {Role.OPERATIONS: "token"}},
    )
    with Asking(hub, httpx.Client(transport=httpx.MockTransport(answer))) as found:
        yield found


def in_turn(*answers: dict[str, Any]) -> Answer:
    """As a gateway that spreads calls."""
    turns = itertools.cycle(answers)
    return lambda _: httpx.Response(200, json=next(turns))


def faults(*answers: dict[str, Any]) -> list[str]:
    with asking(in_turn(*answers)) as hub:
        return list(look(hub, "consent").wrong())


def test_a_service_that_is_well_has_nothing_to_say() -> None:
    assert faults(replica()) == []


def test_what_is_published_again_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    again = {"commits": 265, "again": 264, "oldest_seconds": 40.0}
    out, sending = io.StringIO(), SENDING.model_copy(update=again)
    with asking(in_turn(replica(sending=sending))) as hub, pytest.raises(NotWell) as ended:
        show(hub, Console(file=out, width=160), as_json=False)
    assert "265 commits, 264 of them again, 40.0 s" in out.getvalue()
    assert str(ended.value) == (
        "consent: a commit waits for the log since 40.0 s; 264 are published again, "
        "since the log is another one"
    )
    with asking(in_turn(replica(sending=sending))) as hub, pytest.raises(NotWell):
        show(hub, Console(), as_json=True)
    told = json.loads(capsys.readouterr().out)["services"]["consent"]["outbox"]
    assert told == {"commits": 265, "again": 264, "oldest_seconds": 40.0}


def test_a_replica_of_an_earlier_release_tells_of_nothing_again() -> None:
    earlier = replica(sending=SENDING.model_copy(update={"commits": 3}))
    del earlier["sending"]["again"]
    with asking(in_turn(earlier)) as hub:
        assert look(hub, "consent").again == 0


def test_every_replica_behind_a_gateway_is_met() -> None:
    sending = SENDING.model_copy(update={"replicas": 2, "commits": 3})
    half = Reading(partitions=32, of=64, events=4, seconds=2)
    both = (replica(name, sending=sending, reading=half) for name in "ab")
    with asking(in_turn(*both)) as hub:
        found = look(hub, "consent")
    assert (len(found.replicas), found.partitions) == (2, (64, 64))
    assert (found.lag, found.outbox) == ((8, 2.0), (3, 0.0))
    assert list(found.wrong()) == []


def test_a_replica_that_is_not_met_is_told() -> None:
    alone = replica(sending=SENDING.model_copy(update={"replicas": 2}))
    assert faults(alone) == ["1 of 2 replicas answered, with 64 of 64 partitions"]


def test_partitions_that_nobody_reads_are_told() -> None:
    half = replica(sending=None, reading=Reading(partitions=32, of=64, events=0, seconds=0))
    assert faults(half) == ["1 of 1 replicas answered, with 32 of 64 partitions"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"wrong": (Wrong(field="store", right="gave no answer"),)}, "store of one: gave no"),
        ({"parked": {"timeline": 2}}, "parked in timeline 2"),
        ({"sending": SENDING.model_copy(update={"streams_parked": 1})}, "parked in relay 1"),
        ({"sending": SENDING.model_copy(update={"oldest_seconds": 31.0})}, "since 31.0 s"),
        ({"reading": READING.model_copy(update={"seconds": 7300.0})}, "reads 2 h behind"),
        (
            {
                "rebuilds": (
                    REBUILDING.model_copy(
                        update={"stage": "different", "compared": 9, "different": 2}
                    ),
                )
            },
            "timeline__1_2: 2 of 9 documents are different; `rjhub rebuild timeline --accept`",
        ),
        ({"clock_ahead_seconds": 6.0}, "clock of one: 6.0 s ahead of the database's"),
        ({"clock_ahead_seconds": -600.0}, "clock of one: 10 min behind the database's"),
    ],
)
def test_what_is_not_well_is_said(changed: dict[str, Any], said: str) -> None:
    (found,) = faults(replica(**changed))
    assert said in found


def test_what_is_being_made_is_shown_by_all_that_make_it() -> None:
    half = Reading(partitions=32, of=64, events=0, seconds=0)
    parts = (
        REBUILDING.model_copy(update={"events": 4}),
        REBUILDING.model_copy(update={"events": 3, "parked": 1}),
    )
    both = (replica(str(n), reading=half, rebuilds=(one,)) for n, one in enumerate(parts))
    out = io.StringIO()
    with asking(in_turn(*both)) as hub:
        show(hub, Console(file=out, width=150), as_json=False)
        found = look(hub, "consent")
    assert "timeline__1_2: 7 events to go" in out.getvalue()
    assert [one.parked for one in found.rebuilds.values()] == [1]
    assert list(found.wrong()) == []


def test_a_replica_of_a_release_that_made_nothing_anew_is_well_too() -> None:
    earlier = replica()
    del earlier["rebuilds"]
    assert faults(earlier) == []


def test_a_part_that_a_service_has_not_is_not_missed() -> None:
    assert faults(replica(sending=None, reading=None)) == []


def test_a_replica_of_a_release_that_named_no_figure_it_lacks_is_well_too() -> None:
    earlier = replica()
    del earlier["lacking"]
    assert faults(earlier) == []


LACKING: dict[str, Any] = {
    "sending": None,
    "reading": None,
    "parked": None,
    "rebuilds": None,
    "lacking": ("parked", "reading", "rebuilds", "sending"),
}


def test_figures_that_were_not_to_be_had_are_not_told_as_nothing() -> None:
    out = io.StringIO()
    with asking(in_turn(replica(**LACKING))) as hub, pytest.raises(NotWell) as ended:
        show(hub, Console(file=out, width=150), as_json=False)
    assert str(ended.value).splitlines() == [
        f"consent: {one} of one is not to be had" for one in LACKING["lacking"]
    ]
    assert out.getvalue().count("?") == 4
    assert "nothing" not in out.getvalue()
    assert "none" not in out.getvalue()


def test_for_programs_a_figure_that_was_not_to_be_had_is_null(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with asking(in_turn(replica(**LACKING))) as hub, pytest.raises(NotWell):
        show(hub, Console(), as_json=True)
    consent = json.loads(capsys.readouterr().out)["services"]["consent"]
    assert [consent[one] for one in ("lag", "outbox", "parked", "rebuilds")] == [None] * 4


def test_what_every_replica_sees_is_known_if_one_of_them_has_it() -> None:
    sending = SENDING.model_copy(update={"replicas": 2})
    half = Reading(partitions=32, of=64, events=0, seconds=0)
    one = replica("a", sending=None, reading=half, lacking=("sending",))
    with asking(in_turn(one, replica("b", sending=sending, reading=half))) as hub:
        found = look(hub, "consent")
    assert not found.unknown("sending")
    assert list(found.wrong()) == ["sending of a is not to be had"]
    assert found.unknown("reading") is False


def test_what_each_replica_has_a_part_of_is_unknown_without_one_of_them() -> None:
    half = Reading(partitions=32, of=64, events=0, seconds=0)
    sending = SENDING.model_copy(update={"replicas": 2})
    both = (
        replica("a", sending=sending, reading=None, lacking=("reading",)),
        replica("b", sending=sending, reading=half),
    )
    with asking(in_turn(*both)) as hub:
        assert look(hub, "consent").unknown("reading")


def test_one_that_does_not_answer_hides_no_other() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/consent/status":
            return httpx.Response(503, json={"detail": "Not now."})
        assert request.headers["authorization"] == "Bearer token"
        return httpx.Response(200, json=replica(service="referral"))

    out = io.StringIO()
    with (
        asking(answer, "referral", "consent") as hub,
        pytest.raises(NotWell, match=r"^consent: 503: Not now\.$") as ended,
    ):
        show(hub, Console(file=out, width=120), as_json=False)
    assert ended.value.exit_code == 1
    assert "referral" in out.getvalue()
    assert "no answer" in out.getvalue()


def test_for_programs_it_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    with asking(in_turn(replica())) as hub:
        show(hub, Console(), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["well"], told["wrong"]) == (True, [])
    consent = told["services"]["consent"]
    assert consent["replicas"] == {"met": 1, "expected": 1}
    assert consent["lag"] == {"events": 0, "seconds": 0.0}
    assert consent["rebuilds"] == []


def test_a_service_of_which_nothing_is_known_has_no_lag() -> None:
    unknown = ServiceStatus("consent", silent="no answer")
    assert (unknown.lag, unknown.outbox, unknown.parked) == ((0, 0.0), (0, 0.0), {})
