"""What the processes write about themselves: one JSON object a line, and nothing a resident wrote.

Fields are named by the code; message texts, names and tokens are never passed. Exceptions are given by
type, place and the first line of their text.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

_LINES = 1
"""Lines of an exception's text that are logged; libraries put data into those that follow."""


def configure(level: str) -> None:
    """Set up logging for a process, for our own loggers and those of libraries.

    Args:
        level: debug, info, warning or error; libraries never say less than a warning here.
    """
    stream = cast("TextIO", _StandardError())
    number = getattr(logging, level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe_exception,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=stream, level=max(number, logging.WARNING), force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_OneLine())


class _StandardError:
    """Standard error as it is at the moment of writing; loggers live longer than some that it was."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _OneLine(logging.Formatter):
    """Puts a library's record into the same one-line form."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one JSON line; its exception by type only."""
        event: dict[str, Any] = {"event": record.getMessage(), "level": record.levelname.lower()}
        event["logger"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            event |= _described(record.exc_info[1])
        return str(structlog.processors.JSONRenderer()(None, "", event))


def _describe_exception(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        if error is not None:
            event.update(_described(error))
    return event


def _described(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "exception": type(error).__name__,
        "reason": "\n".join(str(error).splitlines()[:_LINES])[:300],
        "at": [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-6:]],
    }
