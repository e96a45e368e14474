"""
Pennon: feature flags served at the tip of the network.

    from pennon import Client

    with Client(key="pnn_srv_…", url="https://edge.example.com") as client:
        client.boolean("new-checkout", {"targetingKey": "ada"}, default=False)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pennon.model.context import Context as Context
    from pennon.sdk.aio import AsyncClient as AsyncClient
    from pennon.sdk.answer import Answer as Answer
    from pennon.sdk.client import Client as Client

__version__ = "0.1.0"
__all__ = ["Answer", "AsyncClient", "Client", "Context"]

_HOMES = {
    "Answer": "pennon.sdk.answer",
    "AsyncClient": "pennon.sdk.aio",
    "Client": "pennon.sdk.client",
    "Context": "pennon.model.context",
}


def __getattr__(name: str) -> Any:
    # Nodes import this package too, and have no use for what an application needs.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'pennon' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
