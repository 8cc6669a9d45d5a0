"""The addresses every service has: health, metrics, description, the development clock."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import httpx
import jsonschema
import pytest

from kernel.clock import FixedClock
from kernel.consume.lag import Lag
from kernel.http.commands import Recorded
from kernel.http.examples import example_of
from kernel.http.status import Figures, Reading
from kernel.http.surface import Surface
from kernel.log import Partition
from kernel.observe import health, metrics
from kernel.observe.health import Check
from tests.support_http import NOW, POLICE, BuildDoor, Service, WelcomeForm, key, small_service
from tests.support_metrics import Samples, samples_of


@pytest.fixture
async def service() -> Service:
    return await small_service()


async def _get(service: Service, path: str, **claims: Any) -> httpx.Response:
    async with service.client(**claims) as client:
        return await client.get(path)


async def test_live_and_ready_need_no_token(service: Service) -> None:
    answers = [await _get(service, f"/health/{one}", token="") for one in ("live", "ready")]
    assert [one.status_code for one in answers] == [200, 200]
    assert [one.json()["status"] for one in answers] == ["live", "ready"]


def _with_checks(**checks: Check) -> Any:
    return lambda surface: replace(surface, checks=checks)


async def _fine() -> None:
    return None


async def _says_no() -> str:
    return "no topic rj.case"


async def _raises() -> None:
    raise OSError("jane:canary@database")


async def _hangs() -> None:
    await asyncio.Event().wait()


async def test_a_service_is_unready_with_the_names_of_what_does_not_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    change = _with_checks(store=_fine, topics=_says_no, consumer=_hangs, database=_raises)
    answer = await _get(await small_service(change), "/health/ready", token="")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {"field": "topics", "right": "no topic rj.case"},
        {"field": "consumer", "right": "gave no answer within 0.05 s"},
        {"field": "database", "right": "failed with OSError"},
    ]
    assert "canary" not in answer.text


async def test_a_ready_service_says_how_long_each_check_took() -> None:
    service = await small_service(_with_checks(store=_fine))
    answer = await _get(service, "/health/ready", token="")
    assert answer.json()["checks"]["store"]["milliseconds"] >= 0


async def _figures() -> Figures:
    return Figures(reading=Reading(partitions=3, of=64, events=7, seconds=1.5), parked={"doors": 2})


async def test_operations_are_told_what_works_what_waits_and_what_is_parked() -> None:
    def change(surface: Surface) -> Surface:
        checks: dict[str, Check] = {"store": _fine, "topics": _says_no}
        return replace(surface, measure=_figures, checks=checks)

    service = await small_service(change)
    told = (await _get(service, "/status", role="operations")).json()
    assert told["wrong"] == [{"field": "topics", "right": "no topic rj.case"}]
    assert told["reading"] == {"partitions": 3, "of": 64, "events": 7, "seconds": 1.5}
    assert (told["sending"], told["parked"]) == (None, {"doors": 2})
    assert told["service"] == service.surface.name
    assert told["replica"]
    refused = await _get(service, "/status", role="coordinator")
    unknown = await _get(service, "/status", token="")
    assert (refused.status_code, unknown.status_code) == (403, 401)


async def _samples(service: Service) -> Samples:
    return samples_of((await _get(service, "/metrics", token="")).text)


async def test_metrics_name_route_templates_and_never_what_was_sent(service: Service) -> None:
    door = uuid4()
    async with service.client() as client:
        await client.get(f"/doors/{door}")
        await client.get("/jane/canary", params={"q": "canary"})
        await client.request("JANE", "/doors")
        text = (await client.get("/metrics")).text
    assert 'rjhub_http_requests_total{method="GET",route="/doors/{door}",status="404"} 1.0' in text
    assert 'rjhub_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'rjhub_http_requests_total{method="other",route="/doors",status="405"} 1.0' in text
    assert str(door) not in text
    assert "canary" not in text.lower()
    assert "JANE" not in text


async def test_metrics_ask_their_sources_before_each_scrape(service: Service) -> None:
    metrics, scrapes = service.surface.metrics, iter([3, 5])

    async def outbox() -> None:
        metrics.outbox_commits.set(next(scrapes))

    metrics.source("outbox", outbox)
    seen = [(await _samples(service))["rjhub_outbox_commits"][()] for _ in range(2)]
    assert seen == [3, 5]


async def test_a_source_that_fails_hides_no_other_and_is_counted(service: Service) -> None:
    metrics = service.surface.metrics
    metrics.source("broken", _raises)
    metrics.source("parked", lambda: _set(metrics.parked.labels("doors"), 7))
    samples = await _samples(service)
    assert samples["rjhub_parked_events"][("doors",)] == 7
    assert (await _samples(service))["rjhub_metrics_refresh_failures_total"][("broken",)] == 2


async def test_metrics_say_which_parts_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    service = await small_service(
        _with_checks(store=_fine, topics=_says_no, consumer=_hangs, database=_raises)
    )
    assert (await _samples(service))["rjhub_check_failed"] == {
        ("store",): 0,
        ("topics",): 1,
        ("consumer",): 1,
        ("database",): 1,
    }


def test_a_check_is_not_cut_off_by_a_scrape() -> None:
    assert metrics.PATIENCE_SECONDS > health.PATIENCE_SECONDS


async def _set(gauge: Any, value: int) -> None:
    gauge.set(value)


def _lag(number: int, events: int, seconds: float) -> Lag:
    return Lag("doors", Partition("rj.case", number), events, seconds)


async def test_lag_is_shown_by_partition_and_forgotten_when_the_partition_is_lost(
    service: Service,
) -> None:
    metrics = service.surface.metrics
    metrics.show_lag("doors", [_lag(0, 4, 1.5), _lag(1, 0, 0)])
    metrics.show_lag("other", [_lag(7, 1, 1)])
    metrics.show_lag("doors", [_lag(1, 2, 0.5)])
    samples = await _samples(service)
    assert samples["rjhub_consumer_lag_events"] == {
        ("doors", "1", "rj.case"): 2,
        ("other", "7", "rj.case"): 1,
    }
    assert samples["rjhub_consumer_lag_seconds"][("doors", "1", "rj.case")] == 0.5


async def test_two_services_in_one_process_have_metrics_of_their_own() -> None:
    one, other = await small_service(), await small_service()
    await _get(one, "/doors")
    assert ("GET", "/doors", "200") in (await _samples(one))["rjhub_http_requests_total"]
    assert ("GET", "/doors", "200") not in (await _samples(other)).get(
        "rjhub_http_requests_total", {}
    )


async def test_openapi_shows_commands_with_valid_examples_and_every_problem(
    service: Service,
) -> None:
    schema = (await _get(service, "/openapi.json", token="")).json()
    build = schema["paths"]["/doors"]["post"]
    assert build["summary"] == "Build door"
    assert build["x-roles"] == ["coordinator", "officer"]
    example = build["requestBody"]["content"]["application/json"]["example"]
    assert BuildDoor.model_validate(example).happened_at is None
    headers = {one["name"]: one["required"] for one in build["parameters"]}
    assert headers == {"Idempotency-Key": True, "If-Match": False, "After": False}
    assert set(build["responses"]) == {
        *("201", "400", "401", "403", "404", "408", "409", "412", "413", "415", "422"),
        *("500", "503", "504"),
    }
    assert "HTTPValidationError" not in schema["components"]["schemas"]


async def test_answers_are_as_openapi_describes_them(service: Service) -> None:
    schema = (await _get(service, "/openapi.json", token="")).json()
    async with service.client() as client:
        built = await client.post("/doors", json={"colour": "red"}, headers=key())
        wrong = await client.post("/doors", json={}, headers=key())
    assert Recorded.model_validate(built.json()).version == 1
    for name, answer in (("Recorded", built), ("Problem", wrong)):
        whole = {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
        jsonschema.validate(answer.json(), whole)


def test_an_example_is_the_models_own_where_it_has_one() -> None:
    class Own(BuildDoor):
        model_config = {"json_schema_extra": {"examples": [{"colour": "green", "width": 2}]}}

    assert example_of(Own) == {"colour": "green", "width": 2}
    assert example_of(WelcomeForm) == {"colour": "red"}


class _Page(HTMLParser):
    """Every tag of the page and whatever it might load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


async def test_the_page_of_the_api_loads_nothing_and_runs_nothing(service: Service) -> None:
    answer = await _get(service, "/docs", token="")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.search(r"style-src 'sha256-[\w+/=]{44}'", policy)
    page = _Page(answer.text)
    assert not page.tags & {"script", "link", "img", "iframe", "form", "object"}
    loaded = {value for name, value in page.attributes if name in {"href", "src", "style"}}
    assert loaded == {"openapi.json"}
    assert "http://" not in answer.text
    for shown in (
        "/doors/{door}/opening",
        "Idempotency-Key",
        "urn:rjhub:problem:refused",
        "colour",
    ):
        assert shown in answer.text


async def test_every_answer_has_the_security_headers(service: Service) -> None:
    answers = [await _get(service, path) for path in ("/doors", "/nowhere", "/broken", "/docs")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


@pytest.fixture
async def developed() -> Service:
    def change(surface: Surface) -> Surface:
        return replace(surface, dev_clock=_Clock(NOW))

    return await small_service(change)


class _Clock(FixedClock):
    async def move(self, to: datetime) -> None:  # type: ignore[override]  # as the database's
        super().move(to)


async def _move(service: Service, to: object, **claims: Any) -> httpx.Response:
    async with service.client(**{"role": "operations", **claims}) as client:
        return await client.put("/dev/clock", json={"now": to})


async def test_without_development_there_is_no_clock_to_move(service: Service) -> None:
    assert (await _move(service, "2027-01-01T00:00:00Z")).status_code == 404
    assert (await _get(service, "/dev/clock", role="operations")).status_code == 404


async def test_the_development_clock_moves_forwards_only(developed: Service) -> None:
    assert (await _get(developed, "/dev/clock", role="operations")).json() == {
        "now": "2026-11-22T09:30:00Z"
    }
    moved = await _move(developed, "2026-12-01T10:00:00+01:00")
    assert moved.status_code == 200
    assert datetime.fromisoformat(moved.json()["now"]) == datetime(2026, 12, 1, 9, tzinfo=UTC)
    back = await _move(developed, "2026-11-30T00:00:00Z")
    assert back.status_code == 409
    assert back.json()["type"] == "urn:rjhub:problem:clock-goes-forwards"


@pytest.mark.parametrize(
    "sent", ["9999-12-31T23:59:59Z", "tomorrow", "2026-12-01T10:00:00", None, 10**30, [], True]
)
async def test_a_clock_is_not_moved_to_what_is_no_moment(developed: Service, sent: object) -> None:
    assert (await _move(developed, sent)).status_code == 422


async def test_the_clock_is_moved_by_operations_only(developed: Service) -> None:
    assert (await _move(developed, "2027-01-01T00:00:00Z", role="coordinator")).status_code == 403
    assert (await _move(developed, "2027-01-01T00:00:00Z", org=str(POLICE))).status_code == 403
    assert (await _move(developed, "2027-01-01T00:00:00Z", token="")).status_code == 401


async def test_tokens_do_not_follow_the_development_clock(developed: Service) -> None:
    ahead = (NOW + timedelta(days=365)).isoformat()
    assert (await _move(developed, ahead)).status_code == 200
    assert (await _get(developed, "/doors")).status_code == 200
