"""
Flags in an application's tests: set by hand, without a network.

    from pennon.testing import flags

    with flags({"new-checkout": True}) as client:
        assert client.boolean("new-checkout")

pytest finds the fixture `pennon_flags` by itself; it gives the same client, and takes flags as
they are needed:

    def test_checkout(pennon_flags):
        pennon_flags.set("new-checkout", True)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pennon.evaluation.ruleset import Ruleset
from pennon.model.flag import Flag, FlagType, Serve, Variation
from pennon.sdk.client import Client


class TestClient(Client):
    """
    A client that asks nobody and serves everyone what it was told to.

    >>> client = TestClient({"page-size": 24})
    >>> client.set("new-checkout", True)
    >>> client.boolean("new-checkout"), client.integer("page-size")
    (True, 24)
    """

    __test__ = False  # pytest would take it for a test

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(offline=True)
        self._ruleset = Ruleset(1)
        for flag, value in (values or {}).items():
            self._put(flag, value)
        self.serve(self._ruleset)

    def set(self, flag: str, value: Any) -> None:
        """Serve *value* from now on: a value of any type, or a whole `Flag`."""
        self._put(flag, value)
        self._listeners.tell({flag})

    def remove(self, flag: str) -> None:
        """Know nothing of *flag* any more: callers get their defaults."""
        self._ruleset.set_flag(flag, None, self._ruleset.version + 1)
        self._listeners.tell({flag})

    def _put(self, flag: str, value: Any) -> None:
        version = self._ruleset.version + 1
        made = value if isinstance(value, Flag) else _serving(flag, value, version)
        self._ruleset.set_flag(flag, made, version)


@contextmanager
def flags(values: Mapping[str, Any], *, on: Client | None = None) -> Iterator[TestClient]:
    """
    Give a client that serves everyone *values*, for the length of a block.

    With *on*, that client serves them too: an application's own, which cannot be handed another.
    Inside the block, flags that are not named are not known.
    """
    client = TestClient(values)
    before = None if on is None else on.held.ruleset
    try:
        if on is not None:
            on.serve(client._ruleset)
        yield client
    finally:
        if on is not None and before is not None:
            on.serve(before)
        client.close()


def _serving(flag: str, value: Any, version: int) -> Flag:
    """Return a flag that serves everyone *value*."""
    return Flag(
        key=flag,
        type=_type_of(value),
        version=version,
        enabled=True,
        variations=(Variation(name="set", value=value),),
        default=Serve(variation="set"),
    )


def _type_of(value: Any) -> FlagType:
    match value:
        case bool():
            return "boolean"
        case str():
            return "string"
        case int():
            return "integer"
        case float():
            return "float"
        case _:
            return "json"
