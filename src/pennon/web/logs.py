"""Logs as events with fields, on standard error: for people on a terminal, JSON elsewhere."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up(level: int = logging.INFO, *, worker: str | None = None) -> None:
    """
    Send what every module logs through one formatter, whichever library it logs with.

    Of several processes that log to one place, each says which *worker* it is.

    An exception is told by its traceback alone: the values of a failed request's variables are
    keys and passwords too.
    """
    renderer: structlog.types.Processor
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    else:
        renderer = structlog.processors.JSONRenderer()
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        *([_saying(worker)] if worker else []),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # They tell of every request, step and start; what matters of that, Pennon says itself.
    for chatty in ("httpx2", "httpcore2", "alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _saying(worker: str) -> structlog.types.Processor:
    def say(
        logger: object, method: str, event: structlog.types.EventDict
    ) -> structlog.types.EventDict:
        event["worker"] = worker
        return event

    return say
