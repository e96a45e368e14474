"""What is asked of the origin: the reads that people wait for, and the changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from benchmarks.origin.template import API, name_of

_NOWHERE: Final = "nobody-wrote-this"


@dataclass(frozen=True)
class Request:
    """One request."""

    path: str
    method: str = "GET"
    body: Any = None


@dataclass(frozen=True)
class Asked:
    """Requests of one kind, the first, the second and so on."""

    name: str
    make: Callable[[int], Request]


def reads(project: str) -> Iterator[Asked]:
    """Yield lists, searches and history, those that find nothing among them: they read most."""
    base = f"{API}/projects/{project}"
    environment = f"{base}/environments/production"
    one = f"{environment}/flags/{name_of(1)}"
    paths = {
        "list projects": f"{API}/projects",
        "search projects": f"{API}/projects?q=small-7",
        "list flags": f"{base}/flags",
        "list flags by their last change": f"{base}/flags?sort=-updatedAt",
        "list an environment's flags": f"{environment}/flags?limit=200",
        "list them by their last change": f"{environment}/flags?sort=-updatedAt",
        "search flags": f"{base}/flags?q=basket",
        "search flags, nothing found": f"{base}/flags?q={_NOWHERE}",
        "flags with a tag that are on": f"{environment}/flags?tag=tag-1&state=on",
        "show a flag": one,
        "list the audit log": f"{base}/audit",
        "list it from the start": f"{base}/audit?order=oldest",
        "audit log of a flag": f"{base}/audit?resource=flag/{name_of(1)}",
        "audit log of a person": f"{base}/audit?actor=benchmark",
        "audit log of nobody": f"{base}/audit?actor={_NOWHERE}",
        "audit log of a day": f"{base}/audit?from=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z",
        "search the audit log, nothing found": f"{base}/audit?q={_NOWHERE}",
        "versions of a flag": f"{one}/versions",
        "difference of its last two": f"{one}/diff",
    }
    for name, path in paths.items():
        yield Asked(name, partial(_read, path))


def _read(path: str, _number: int) -> Request:
    return Request(path)


def changes(project: str) -> Iterator[Asked]:
    """Yield changes, each of which commits."""
    base = f"{API}/projects/{project}"
    one = f"{base}/environments/staging/flags/{name_of(2)}"

    def switch(number: int) -> Request:
        return Request(one, "PATCH", {"enabled": number % 2 == 0})

    def target(number: int) -> Request:
        instruction = {"kind": "addTargets", "variation": "on", "keys": [f"user-{number}"]}
        return Request(f"{one}/instructions", "POST", {"instructions": [instruction]})

    def describe(number: int) -> Request:
        return Request(f"{base}/flags/{name_of(2)}", "PATCH", {"metadata": {"number": number}})

    def create(number: int) -> Request:
        return Request(f"{base}/flags", "POST", {"key": f"new-{number}", "type": "boolean"})

    yield Asked("switch a flag", switch)
    yield Asked("change it by an instruction", target)
    yield Asked("change it in all environments", describe)
    yield Asked("create a flag", create)
