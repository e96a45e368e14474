"""What a request may evaluate."""

from __future__ import annotations

import pytest

from pennon.edge.scope import Scope
from pennon.errors import BadInput, Forbidden, NotFound, NotReady, PennonError, Unauthenticated
from pennon.model.position import ACCESS
from pennon.web.handler import Request
from tests.builders.edge import (
    ALL,
    CLIENT,
    EDGE_KEYS,
    MOBILE,
    RELAY,
    SERVER,
    STAGING,
    TWO,
    AnEdge,
)
from tests.builders.flags import a_flag
from tests.builders.relay import SHOP, a_position, a_secret, an_access_key

NONE = a_secret(50, "server")


def an_edge() -> AnEdge:
    """Return an edge with two environments."""
    edge = AnEdge(
        a_flag(),
        environments=(SHOP, STAGING, "shop/later"),
        keys=(*EDGE_KEYS, an_access_key(NONE, "shop/gone", kind="server")),
    )
    edge.load(STAGING, version=4)
    return edge


def scope(edge: AnEdge, key: str, environment: str | None = None) -> Scope:
    headers = {"authorization": f"Bearer {key}"}
    if environment is not None:
        headers["x-pennon-environment"] = environment
    return edge.evaluating.scopes.of(Request(method="POST", path="/", headers=headers))


class TestEnvironment:
    @pytest.mark.parametrize(
        ("key", "named", "environment"),
        [
            (SERVER, None, SHOP),
            (SERVER, SHOP, SHOP),
            (TWO, STAGING, STAGING),
            (ALL, SHOP, SHOP),
            (ALL, STAGING, STAGING),
        ],
    )
    def test_which(self, key: str, named: str | None, environment: str) -> None:
        """A key that opens one environment names it; any other needs the header."""
        assert scope(an_edge(), key, named).environment == environment

    @pytest.mark.parametrize(
        ("key", "named", "error"),
        [
            (TWO, None, BadInput),
            (ALL, None, BadInput),
            (SERVER, STAGING, Forbidden),
            (RELAY, SHOP, Forbidden),
            (TWO, ACCESS, Forbidden),
            (ALL, ACCESS, NotFound),
            (ALL, "shop/nowhere", NotFound),
            (ALL, "../etc", NotFound),
            (NONE, None, NotFound),
            (ALL, "shop/later", NotReady),
            (a_secret(99, "server"), SHOP, Unauthenticated),
        ],
    )
    def test_refused(self, key: str, named: str | None, error: type[PennonError]) -> None:
        """What the key does not open, what does not exist and what is not loaded all differ."""
        with pytest.raises(error):
            scope(an_edge(), key, named)

    def test_not_loaded(self) -> None:
        """Before keys are known nobody's is wrong."""
        with pytest.raises(NotReady):
            scope(AnEdge(loaded=False), SERVER)

    def test_comes_back(self) -> None:
        """An environment that is followed again is not ready until it is loaded again."""
        edge = an_edge()
        edge.replicas.keep(frozenset({ACCESS}))
        edge.replicas.open(SHOP)

        with pytest.raises(NotReady):
            scope(edge, SERVER)


class TestVisibility:
    @pytest.mark.parametrize(
        ("key", "side"), [(SERVER, None), (ALL, None), (CLIENT, "web"), (MOBILE, "mobile")]
    )
    def test_side(self, key: str, side: str | None) -> None:
        """A key's kind says which flags may be seen."""
        assert scope(an_edge(), key, SHOP).client_side == side


class TestCurrency:
    def test_fresh(self) -> None:
        """A fresh answer says its version."""
        found = scope(an_edge(), SERVER)

        assert found.headers() == (("x-pennon-version", str(a_position(1))),)

    def test_stale(self) -> None:
        """A stale one says for how long, too."""
        edge = an_edge()
        edge.clock.now = 90.0
        found = scope(edge, SERVER)

        assert found.headers() == (
            ("x-pennon-version", str(a_position(1))),
            ("x-pennon-stale", "90000"),
        )
