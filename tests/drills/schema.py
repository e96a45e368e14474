"""
Requests made from the OpenAPI document, right and wrong ones, to every operation there is.

Each operation gets an API of its own that holds one of everything, so that what one destroys is
there for the next; most requests name what is there. No answer may be an error of the server, or
have a status, a type, a header or a body that the document does not know.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from requests import Request
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err

from pennon.origin.database_address import Backend
from tests.builders.api import Api, Json, a_new_flag, a_shop
from tests.builders.databases import SQLITE, Postgres, databases_of
from tests.builders.postgres import a_server

load_all_checks()
_CHECKS: Final[Any] = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
_DELETED: Final = "gone"
_PASSWORD: Final = "correct horse battery"


@dataclass
class Outcome:
    """How many operations were asked how often, and what is wrong."""

    operations: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.statuses.total():,} requests to {self.operations} operations ({told}); "
            f"{len(self.wrong)} faults"
        )


def drill(backend: Backend, folder: Path, examples: int, seed: int) -> Outcome:
    """Make *examples* right and as many wrong requests to each operation."""
    outcome = Outcome()
    with _databases(backend), asyncio.Runner() as runner:
        document = runner.run(_document(folder))
        schema = schemathesis.openapi.from_dict(document)
        for found in schema.get_all_operations():
            if isinstance(found, Err):
                outcome.wrong.append(f"the document: {found.err()}")
                continue
            operation = found.ok()
            outcome.operations += 1
            with _Asked(runner, folder / str(outcome.operations), outcome) as asked:
                for mode in GenerationMode:
                    try:
                        asked.ask(operation.as_strategy(mode), examples, seed)
                    except (AssertionError, FailureGroup) as error:
                        outcome.wrong.append(f"{operation.label}, {mode.name}: {_told(error)}")
    return outcome


@contextmanager
def _databases(backend: Backend) -> Iterator[None]:
    """Let the builders make databases of a kind, each operation's own."""
    if backend == "sqlite":
        with databases_of(SQLITE):
            yield
    else:
        with a_server() as server, server.psql() as psql, databases_of(Postgres(server, psql)):
            yield


class _Asked:
    """One operation's API, asked from synchronous code: the generator knows no other."""

    def __init__(self, runner: asyncio.Runner, folder: Path, outcome: Outcome) -> None:
        folder.mkdir()
        self._runner, self._folder, self._outcome = runner, folder, outcome
        self._stack = AsyncExitStack()
        self._api: Api
        self._there: dict[str, str]

    def __enter__(self) -> _Asked:
        self._api, self._there = self._runner.run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._stack.aclose())

    async def _open(self) -> tuple[Api, dict[str, str]]:
        api = await self._stack.enter_async_context(a_shop(self._folder, a_new_flag()))
        return api, await _one_of_everything(api)

    def ask(self, cases: st.SearchStrategy[Case[Any]], examples: int, seed: int) -> None:
        """Send requests; raises at the first answer that should not be."""

        @seeded(seed)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases, st.integers(0, 3))
        def send(case: Case[Any], quarter: int) -> None:
            if quarter:
                case.path_parameters = {
                    name: self._there.get(name, value)
                    for name, value in (case.path_parameters or {}).items()
                }
                if "/deleted/" in case.path:
                    case.path_parameters["key"] = _DELETED
            answer = self._runner.run(self._send(case))
            self._outcome.statuses[answer.status_code] += 1
            case.validate_response(answer, checks=_CHECKS)

        # Where nothing can be got wrong, such as in a GET without a query, nothing is.
        with suppress(Unsatisfiable):
            send()

    async def _send(self, case: Case[Any]) -> httpx2.Response:
        asked = Request(**case.as_transport_kwargs(base_url="http://origin")).prepare()
        body = asked.body.encode() if isinstance(asked.body, str) else asked.body
        return await self._api.client.request(
            str(asked.method),
            str(asked.url),
            content=body if isinstance(body, bytes) else None,
            headers=[
                (name.encode("latin-1"), value if isinstance(value, bytes) else _bytes(value))
                for name, value in asked.headers.items()
            ],
        )


def _bytes(value: str) -> bytes:
    """Return a header's value as it travels."""
    return value.encode("latin-1")


async def _document(folder: Path) -> Json:
    """Return the document without its keys: the client has one, and a made-up one is a 401."""
    async with a_shop(folder) as api:
        document = await api.get("/openapi.json")
    del document["security"], document["components"]["securitySchemes"]
    return document


async def _one_of_everything(api: Api) -> dict[str, str]:
    """Create one of everything and return what a path calls each."""
    for segment in ("beta", _DELETED):
        await api.post("/projects/shop/segments", {"key": segment})
    await api.patch(f"/projects/shop/segments/{_DELETED}", {"archived": True})
    await api.ask("DELETE", f"/projects/shop/segments/{_DELETED}", status=200)
    key = {"kind": "server", "environments": ["shop/production"]}
    token = {"name": "reader", "role": "viewer", "scope": "*"}
    user = {"name": "ada", "password": _PASSWORD}
    return {
        "project": "shop",
        "environment": "production",
        "flag": "checkout",
        "segment": "beta",
        "kind": "segment",
        "key": (await api.post("/keys", key))["id"],
        "token": (await api.post("/tokens", token))["id"],
        "user": (await api.post("/users", user))["id"],
        "version": "1",
        "sequence": "1",
    }


def _told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_told(one) for one in error.exceptions)
    return f"{type(error).__name__}: {error}"
