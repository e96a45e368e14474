"""
The clients that are measured: each is made, asked until it is right, and closed.

A class a client; to make one connects it. What an SDK does besides, such as to tell of what it
serves, is left as it comes, but for what would ask hosts that are not there.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol

from benchmarks.edge.cases import ASKED, CONTEXT, SERVER_KEY, SHOP

PATIENCE: Final = 30.0


class Started(Protocol):
    """A client that has its flags."""

    def ask(self) -> Callable[[], object]:
        """Return a call that answers the flag."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Pennon:
    """Ours: a stream, evaluated in process, told of in the background."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        from pennon import Client

        self.client = Client(SERVER_KEY, urls["pennon"], environment=SHOP)
        assert self.client.ready(PATIENCE)

    def ask(self) -> Callable[[], bool]:
        return lambda: self.client.boolean(ASKED, CONTEXT)

    def close(self) -> None:
        self.client.close()


class LaunchDarkly:
    """`launchdarkly-server-sdk`: a stream too."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        from ldclient import Context, LDClient
        from ldclient.config import Config

        logging.getLogger("ldclient").setLevel(logging.CRITICAL)
        url = urls["others"]
        config = Config(
            "sdk-key", base_uri=url, stream_uri=url, events_uri=url, diagnostic_opt_out=True
        )
        self.client = LDClient(config, start_wait=PATIENCE)
        assert self.client.is_initialized()
        builder = Context.builder(CONTEXT["targetingKey"])
        for name, value in CONTEXT.items():
            builder.set(name, value)
        self.context = builder.build()

    def ask(self) -> Callable[[], object]:
        return lambda: self.client.variation(ASKED, self.context, False)

    def close(self) -> None:
        self.client.close()  # type: ignore[no-untyped-call]


class Unleash:
    """`UnleashClient`, which polls; its evaluator is compiled."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        unleash = import_module("UnleashClient")
        unleash.INSTANCES._reset()  # it warns of a second one
        logging.getLogger("UnleashClient").setLevel(logging.CRITICAL)
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        self._folder = tempfile.TemporaryDirectory()
        self.client = unleash.UnleashClient(
            urls["others"] + "/api", "shop", cache_directory=self._folder.name
        )
        self.client.initialize_client()
        self.context: dict[str, Any] = {
            "userId": CONTEXT["targetingKey"],
            "properties": {name: str(value) for name, value in CONTEXT.items()},
        }

    def ask(self) -> Callable[[], object]:
        return lambda: self.client.is_enabled(ASKED, self.context)

    def close(self) -> None:
        self.client.destroy()
        self._folder.cleanup()


CLIENTS: Final[dict[str, Callable[[Mapping[str, str]], Started]]] = {
    name: made
    for name, module, made in (
        ("pennon", "pennon", Pennon),
        ("launchdarkly-server-sdk", "ldclient", LaunchDarkly),
        ("UnleashClient", "UnleashClient", Unleash),
    )
    if find_spec(module) is not None
}
