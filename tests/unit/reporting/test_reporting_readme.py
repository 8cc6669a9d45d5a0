"""The service's README names what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.http.routes import QueryRoute
from services.reporting import app
from services.reporting.kpi.figure import Figure
from services.reporting.kpi.figures import FIGURES
from services.reporting.projections.case_status.lifecycle import Status

TEXT = Path(app.__file__).with_name("README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("route", app.SERVICE.routes, ids=lambda one: one.name)
def test_it_names_every_address(route: QueryRoute) -> None:
    assert f"`{route.method} {route.path}`" in TEXT


@pytest.mark.parametrize("status", Status)
def test_it_names_every_status(status: Status) -> None:
    assert f"`{status}`" in TEXT


@pytest.mark.parametrize("figure", FIGURES, ids=lambda one: one.name)
def test_it_names_every_figure(figure: Figure) -> None:
    assert f"|`{figure.name}`|{figure.words}|{figure.unit}|" in TEXT
