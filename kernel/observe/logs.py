"""JSON lines on standard output: one shape for our own logs and those of libraries."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

NOISY = ("aiokafka", "kafka", "pymongo", "motor", "httpx", "httpcore", "uvicorn", "faststream")


def configure(service: str, level: str = "info", stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` as JSON with service and correlation id.

    Of an exception a line holds its class and where it was raised, never its words: those may
    hold what somebody sent.
    """
    own: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _name_of(service),
        _where_it_was_raised,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *own,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _route_standard_logging(own, level, stream or sys.stdout)


def _route_standard_logging(own: list[Processor], level: str, stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*own, _first_line_only],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def _name_of(service: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        return {"service": service, **line}

    return add


def _first_line_only(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Keep asyncio from printing the exception of a lost task, words and all."""
    return {**line, "event": str(line.get("event", "")).split("\n", 1)[0]}


def _where_it_was_raised(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    info = line.pop("exc_info", None)
    error = _exception(info)
    return {**line, "error": list(islice(_chain(error), 5))} if error else line


def _exception(info: object) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    found = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info else None
    return found if isinstance(found, BaseException) else None


def _chain(error: BaseException | None) -> Iterator[dict[str, object]]:
    while error is not None:
        yield {"class": type(error).__name__, "at": _frames(error.__traceback__)}
        error = error.__cause__ or error.__context__


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(trace)[-8:]]
