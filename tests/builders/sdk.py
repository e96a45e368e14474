"""Clients in tests: what they hold without a network, and a real edge to follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pennon.evaluation.ruleset import Ruleset
from pennon.model.flag import Flag, Serve, Variation
from pennon.sdk.client import Client

PATIENCE = 20.0
ADA: Mapping[str, Any] = {"targetingKey": "ada"}


def a_flag_of(key: str, kind: str, *values: Any, serve: str | None = "v0", **more: Any) -> Flag:
    """Return a flag of a type with *values*, named v0, v1, …, that serves everyone one of them."""
    return Flag(
        key=key,
        type=kind,  # type: ignore[arg-type]
        version=7,
        enabled=serve is not None,
        variations=tuple(Variation(name=f"v{n}", value=value) for n, value in enumerate(values)),
        **{"default": Serve(variation=serve or "v0"), **more},
    )


def a_client(*flags: Flag) -> Client:
    """Return a client that asks nobody and serves *flags*."""
    client = Client(offline=True)
    client.serve(Ruleset.of(1, {flag.key: flag for flag in flags}, {}))
    return client


def eventually(holds: Callable[[], bool]) -> None:
    """Return once *holds*; fail when it does not within a patience no test should need."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.005)
