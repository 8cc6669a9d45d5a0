"""The alert rules speak of what the services export, and each says where to read what to do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric

from kernel.observe.metrics import Metrics
from rjhub.addresses import SERVICES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
INSTALL = "apt-get install -y --no-install-recommends prometheus"


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


RULES: list[dict[str, Any]] = [
    rule for group in read("alerts.yml")["groups"] for rule in group["rules"]
]
NAMES = [rule["alert"] for rule in RULES]
# What a sample is called that its family is not.
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
# What Prometheus itself says of each target.
OF_PROMETHEUS = {"up"}
LABELS_OF_A_TARGET = {"job", "service", "instance"}
NOT_NAMES = {"by", "or", "unless", "offset", "and"}
WORD = re.compile(r"\b[a-z_]\w*\b(?!\s*\()")
METRICS = Metrics()


def families() -> list[Metric]:
    return list(METRICS.registry.collect())


def exported() -> set[str]:
    """The names of all samples that a service's /metrics may have."""
    return {
        one.name + suffix for one in families() for suffix in SUFFIXES.get(one.type, ("",))
    } | OF_PROMETHEUS


def labels() -> set[str]:
    """The labels that samples may have once they are scraped."""
    own = (getattr(one, "_labelnames", ()) for one in vars(METRICS).values())
    return LABELS_OF_A_TARGET | {"le"} | {name for names in own for name in names}


def named(expression: str) -> set[str]:
    """The metrics that an expression speaks of."""
    without_labels = re.sub(r"\{[^}]*\}|\[[^]]*\]|(by|without)\s*\([^)]*\)", " ", expression)
    return set(WORD.findall(re.sub(r"offset\s+\w+", " ", without_labels))) - NOT_NAMES


def matched(expression: str) -> set[str]:
    """The labels that an expression speaks of."""
    matchers = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", expression)
    groups = re.findall(r"by\s*\(([^)]*)\)", expression)
    return {*matchers, *(name.strip() for group in groups for name in group.split(","))}


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_speaks_of_what_the_services_export(rule: dict[str, Any]) -> None:
    assert named(rule["expr"])
    assert named(rule["expr"]) <= exported()
    assert matched(rule["expr"]) <= labels()


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_says_how_bad_it_is_and_where_to_read_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["summary"]
    page, _, section = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert section in {one.lower().replace(" ", "-") for one in headings}


def test_every_rule_is_tried_where_it_fires_and_where_it_does_not() -> None:
    tried = [one for test in read("alerts.test.yml")["tests"] for one in test["alert_rule_test"]]
    assert {one["alertname"] for one in tried if one.get("exp_alerts")} == set(NAMES)
    assert {one["alertname"] for one in tried if not one.get("exp_alerts")} == set(NAMES)


def test_every_service_is_watched_where_it_listens() -> None:
    (job,) = read("prometheus.yml")["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert found["names"] == [*SERVICES]
    assert {compose["services"][one]["environment"]["RJHUB_HTTP_PORT"] for one in SERVICES} == {
        str(found["port"])
    }
    missing = next(rule for rule in RULES if rule["alert"] == "ServiceMissing")
    assert set(re.findall(r'service="(\w+)"', missing["expr"])) == set(SERVICES)


def test_the_memory_that_a_rule_watches_is_what_a_service_has() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    given = {compose["services"][one]["mem_limit"] for one in SERVICES}
    short = next(rule for rule in RULES if rule["alert"] == "MemoryShort")
    assert {f"{int(one)}m" for one in re.findall(r"(\d+) \* 1024", short["expr"])} == given


@pytest.mark.parametrize(
    "task",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "alerts.test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_accepts(task: tuple[str, str, str]) -> None:
    if not shutil.which("promtool"):
        pytest.skip(f"promtool is missing: {INSTALL}")
    *what, file = task
    ended = subprocess.run(
        ["promtool", *what, str(FOLDER / file)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
