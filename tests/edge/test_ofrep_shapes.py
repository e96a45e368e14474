"""Every answer of OFREP has the protocol's shape, whatever is asked and whatever is wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.edge.deliveries import Parcels
from pennon.edge.ofrep import FLAGS_PATH
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.flag import ClientSide, Flag, Variation
from tests.builders.edge import ALL, CLIENT, MOBILE, RELAY, SERVER, STAGING, AnEdge, flags_of
from tests.builders.flags import a_clause, a_flag, a_rule, a_target, requiring, serving, splitting
from tests.builders.ofrep import shape_faults
from tests.builders.relay import SHOP, a_secret

BOTH = ClientSide(web=True, mobile=True)
FLAGS = (
    a_flag("plain", client_side=BOTH, metadata={"team": "cart", "tier": 1.5, "new": True}),
    a_flag("off", enabled=False),
    a_flag("default", enabled=False, off=None, client_side=BOTH),
    a_flag("malformed", default=serving("nowhere"), client_side=BOTH),
    a_flag("split", default=splitting(("on", 50_000), ("off", 50_000)), client_side=BOTH),
    a_flag("targets", targets=(a_target("on", "ada"),)),
    a_flag("rules", rules=(a_rule(a_clause("plan", "in", "pro")),)),
    a_flag("needs", requires=(requiring("off"),)),
    *(
        a_flag(kind, type=kind, variations=(Variation(name="it", value=value),), off=None,
               default=serving("it"))
        for kind, value in
        (("float", 1), ("integer", 1), ("string", "</script>"), ("json", {"a": [None, 1.0]}))
    ),
)  # fmt: skip
CONTEXTS = st.one_of(
    st.none(),
    st.just({}),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    st.fixed_dictionaries(
        {"targetingKey": st.text()},
        optional={"plan": st.sampled_from(["pro", 1, None]), "kind": st.text()},
    ),
)


class Failing:
    """Counts nothing, and fails at it."""

    def see(self, environment: str, context: Context) -> None:
        """Nobody is seen."""

    def expose(self, environment: str, flag: Flag, detail: Detail, context: Context) -> None:
        """Nobody is noted."""

    async def tell(self, environment: str, parcels: Parcels) -> None:
        raise OSError("there is no room")

    def count(self, environment: str, detail: Detail) -> None:
        raise OSError("there is no room")

    def count_all(self, environment: str, details: Sequence[Detail]) -> None:
        raise OSError("there is no room")


class TestShapes:
    @settings(max_examples=40, deadline=None)  # each asks for a dozen answers
    @given(context=CONTEXTS, key=st.sampled_from([SERVER, CLIENT, MOBILE]))
    async def test_any_context(self, context: Any, key: str) -> None:
        """Whatever the context is, every flag's answer and the bulk answer are well-formed."""
        edge = AnEdge(*FLAGS)
        for flag in (*FLAGS, a_flag("missing")):
            assert shape_faults(await edge.one(flag.key, context, key=key)) == []
        bulk = await edge.all(context, key=key)

        assert shape_faults(bulk, bulk=True) == []

    @given(body=st.binary(max_size=64))
    async def test_any_body(self, body: bytes) -> None:
        """Whatever the body is, the answer is well-formed, and no fault of ours."""
        edge = AnEdge(*FLAGS)
        single = await edge.post(f"{FLAGS_PATH}/plain", body, key=SERVER)
        bulk = await edge.post(FLAGS_PATH, body, key=SERVER)

        assert shape_faults(single) == shape_faults(bulk, bulk=True) == []
        assert single.status == bulk.status in (200, 400)

    async def test_not_modified(self) -> None:
        """So is the answer to who has it already."""
        edge = AnEdge(*FLAGS)
        tag = (await edge.all({})).headers["etag"]

        assert shape_faults(await edge.all({}, if_none_match=tag), bulk=True) == []

    @pytest.mark.parametrize(
        ("key", "environment", "status"),
        [
            (None, SHOP, 401),
            (a_secret(99, "server"), SHOP, 401),
            (SERVER, STAGING, 403),
            (RELAY, SHOP, 403),
            (ALL, "shop/nowhere", 404),
            (ALL, STAGING, 503),
        ],
    )
    async def test_refusals(self, key: str | None, environment: str, status: int) -> None:
        """A refusal is a problem document that says the same as OFREP would."""
        edge = AnEdge(*FLAGS, environments=(SHOP, STAGING))
        single = await edge.one("plain", {}, key=key, x_pennon_environment=environment)
        bulk = await edge.all({}, key=key, x_pennon_environment=environment)

        assert single.status == bulk.status == status
        assert single.json()["key"] == "plain"
        assert single.json()["errorDetails"] == single.json()["detail"]
        assert shape_faults(single) == shape_faults(bulk, bulk=True) == []

    async def test_too_many(self) -> None:
        """Who tries key after key is told to stop, and when to come back."""
        edge = AnEdge(*FLAGS)
        for _ in range(30):
            await edge.one("plain", {}, key=a_secret(99, "server"))
        single = await edge.one("plain", {}, key=a_secret(98, "server"))
        bulk = await edge.all({}, key=a_secret(98, "server"))

        assert single.status == bulk.status == 429
        assert shape_faults(single) == shape_faults(bulk, bulk=True) == []

    async def test_our_fault(self, caplog: pytest.LogCaptureFixture) -> None:
        """What we fail at is a 500 that a provider can read, and in the log."""
        edge = AnEdge(*FLAGS, counter=Failing())
        with caplog.at_level(logging.ERROR):
            single, bulk = await edge.one("plain", {}), await edge.all({})

        assert single.status == bulk.status == 500
        assert shape_faults(single) == shape_faults(bulk, bulk=True) == []
        assert [record.message for record in caplog.records] == ["handler_failed"] * 2


class TestNumbers:
    async def test_kept_apart(self) -> None:
        """An integer flag's value has no fraction and a float flag's has one, in bulk as alone."""
        edge = AnEdge(*FLAGS)
        single = {kind: (await edge.one(kind, {})).body for kind in ("float", "integer")}
        bulk = flags_of(await edge.all({}))

        assert b'"value":1.0' in single["float"]
        assert b'"value":1}' in single["integer"]
        assert isinstance(bulk["float"]["value"], float)
        assert isinstance(bulk["integer"]["value"], int)
