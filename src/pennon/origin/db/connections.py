"""
PostgreSQL's connections: how they are made, and how long they may take.

The address is read by the driver itself and means what it means to every other program:
``postgresql://user:password@host:5432/pennon?sslmode=verify-full``, several hosts,
``target_session_attrs=read-write``, a password file.

No error tells what a statement was given: errors are logged, and hashes of passwords are not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from pennon.errors import BadInput, PennonError

READERS: Final = 5
WRITERS: Final = 10

_CONNECT_SECONDS: Final = 10.0
_STATEMENT_SECONDS: Final = 30
LOCK_SECONDS: Final = 10
_IDLE_SECONDS: Final = 60
# Longer than the server's own limit: this one is for a server that has gone without a word.
_ANSWER_SECONDS: Final = _STATEMENT_SECONDS + 5.0

_LIMITS: Final = {
    "statement_timeout": f"{_STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s",
}


Meet = Callable[[Any], Awaitable[object]]
"""Is given each new connection of the driver before its first use, and may raise."""


def require_driver() -> None:
    """Raise PennonError where the driver is not installed."""
    try:
        import asyncpg  # type: ignore[import-untyped]  # noqa: F401  # it comes without types
    except ModuleNotFoundError:
        raise PennonError("PostgreSQL needs a driver: pip install 'pennon[postgres]'.") from None


def writing_engine(url: str, meet: Meet | None) -> AsyncEngine:
    """Return an engine whose statements are short and say so when they are not."""
    return _engine(url, WRITERS, _LIMITS, _ANSWER_SECONDS, meet)


def reading_engine(url: str, meet: Meet | None) -> AsyncEngine:
    """
    Return an engine for lists and searches, each planned for what it asks.

    A project may be a thousand times as large as another, and a word in all records or in none;
    a plan that is kept for whatever is asked is right for neither.
    """
    settings = {**_LIMITS, "plan_cache_mode": "force_custom_plan"}
    return _engine(url, READERS, settings, _ANSWER_SECONDS, meet)


def migrating_engine(url: str, meet: Meet) -> AsyncEngine:
    """Return an engine of one connection whose statements may take as long as they need."""
    return _engine(url, 1, {"statement_timeout": "0", "lock_timeout": "0"}, None, meet)


def _engine(
    url: str,
    connections: int,
    limits: dict[str, str],
    answer_seconds: float | None,
    meet: Meet | None,
) -> AsyncEngine:
    require_driver()
    import asyncpg

    async def connect() -> Any:
        try:
            connection = await asyncpg.connect(
                url,
                timeout=_CONNECT_SECONDS,
                command_timeout=answer_seconds,
                server_settings={"application_name": "pennon", "jit": "off", **limits},
            )
        except ValueError:
            # Its message may quote a part of the password.
            raise BadInput.at(
                "--database",
                "expected postgresql://USER:PASSWORD@HOST:PORT/NAME, "
                "signs such as / and @ in the password percent-encoded",
            ) from None
        if meet is not None:
            await meet(connection)
        return connection

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_CONNECT_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def replace_closed(connection: Any, _record: object, _proxy: object) -> None:
        # The driver knows at once that a server went away; no round trip is needed to ask.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return engine
