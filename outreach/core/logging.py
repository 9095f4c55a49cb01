"""Structured logs that hold no address, token or password."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from outreach.core.settings import Settings

_ADDRESS = re.compile(r"[^\s<>\"'=,;:()]{1,64}@[\w.\-]{1,253}")
_QUERY = re.compile(r"(https?://[^\s?#\"']{1,2000})[?#][^\s\"']*")
_BEARER = re.compile(r"(?i)\b(bearer|basic|token|password|secret|key)([=: ]+)[^\s,;\"']{6,}")
_SECRET_PATH = re.compile(r"/(u|invitations|setup|password-resets)/[\w\-]{16,}")
_SECRET_NAMES = re.compile(
    r"(?i)password|passwd|secret|token|authorization|cookie|api_key|address$|email"
)


def configure_logging(settings: Settings) -> None:
    """Send everything to standard error, one line an event, redacted."""
    structlog.configure(
        processors=_processors(),
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings.log_level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), redact],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_level(settings.log_level))
    for noisy in ("waitress.queue", "apscheduler", "huey", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _StandardError(logging.Handler):
    """Writes to whatever standard error is at the time, one write a line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a reader that went away must not stop the work."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            return


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what must not be kept: secrets by name, and addresses and tokens in any text."""
    for key, value in list(event.items()):
        if _SECRET_NAMES.search(key):
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = redact_text(value)
        elif key == "exc_info" or isinstance(value, (int, float, bool, type(None))):
            continue
        elif not key.startswith("_"):
            event[key] = redact_text(str(value))
    return event


def redact_text(text: str) -> str:
    """Blank addresses, queries of URLs, credentials and one-time links in a text."""
    text = _ADDRESS.sub("[address]", text)
    text = _QUERY.sub(r"\1?[removed]", text)
    text = _SECRET_PATH.sub(r"/\1/[removed]", text)
    return _BEARER.sub(r"\1\2[removed]", text)


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _flatten_exception,
        structlog.stdlib.ExtraAdder(),
    ]


def _processors() -> list[Any]:
    return [*_shared()[:-1], redact, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def _flatten_exception(
    logger: Any, name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Turn a traceback into text here, so that it is redacted like everything else."""
    return structlog.processors.format_exc_info(logger, name, event)


def _level(name: str) -> int:
    return logging.getLevelNamesMapping().get(name.upper(), logging.INFO)
