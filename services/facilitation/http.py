"""What may be asked of the facilitation service over HTTP: it acts by policy only."""

from __future__ import annotations

from kernel.http import Route

ROUTES: tuple[Route, ...] = ()
