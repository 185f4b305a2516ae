"""Structured logging for every process: an event and its ids, never a person (R21).

Logs go to standard error, so that a command's data alone stands on standard output.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from runtime.settings import Settings

WITHHELD = "[withheld]"

PERSONAL = frozenset(
    {
        "account",
        "address",
        "buyer",
        "city",
        "contact",
        "district",
        "email",
        "name",
        "note",
        "phone",
        "postcode",
        "recipient",
        "remark",
        "street",
    }
)
"""Keys whose values say who somebody is, as this product names its fields."""

# These tell every request with its full address, which may hold what somebody searched for.
_TOO_TALKATIVE = ("httpx", "httpcore", "uvicorn.access", "stripe")


def configure(settings: Settings) -> None:
    """Set up structlog and the standard library's logging; call once, before anything logs."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings))
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def withhold_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank the values of personal keys, at any depth; the last defence, not the first."""
    return {key: _withheld(key, value) for key, value in event.items()}


def _drop_repeats(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Uvicorn says each of its lines a second time, in colour."""
    event.pop("color_message", None)
    return event


def _withheld(key: str, value: Any) -> Any:
    if key.lower() in PERSONAL:
        return WITHHELD
    if isinstance(value, Mapping):
        return {inner: _withheld(str(inner), below) for inner, below in value.items()}
    if isinstance(value, list | tuple):
        return [_withheld("", item) for item in value]
    return value


def _shared() -> list[Processor]:
    """What both our own events and those of libraries go through."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _drop_repeats,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold_personal_data,
    ]


def _formatter(settings: Settings) -> logging.Formatter:
    renderer: list[Processor]
    # Neither way of showing a traceback may show local variables, as both do unless told: they hold persons.
    if settings.log_format == "json":
        tracebacks = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        renderer = [tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback
        renderer = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
