"""OFREP: every status and shape of answer that a provider may be given."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.edge.ofrep import FLAGS_PATH
from pennon.model.flag import ClientSide, Flag, Variation
from tests.builders.edge import ALL, CLIENT, MOBILE, RELAY, SERVER, STAGING, AnEdge, flags_of
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_target,
    requiring,
    serving,
    splitting,
)
from tests.builders.relay import SHOP, a_change, a_position, a_secret

ADA = {"targetingKey": "ada"}
BOTH = ClientSide(web=True, mobile=True)


def a_value_flag(key: str, type: Any, value: Any) -> Flag:
    """Return a flag that serves *value* to everyone."""
    return a_flag(
        key,
        type=type,
        variations=(Variation(name="it", value=value),),
        off=None,
        default=serving("it"),
    )


class TestSingle:
    async def test_success(self) -> None:
        """An answer has its key, value, variant, reason and flat metadata."""
        edge = AnEdge(a_flag(default=serving("on"), metadata={"team": "cart", "tier": 1}))
        answer = await edge.one("f", ADA)

        assert answer.status == 200
        assert answer.json() == {
            "key": "f",
            "value": True,
            "variant": "on",
            "reason": "STATIC",
            "metadata": {
                "flagSetId": SHOP,
                "version": 1,
                "pennon.reason": "FALLTHROUGH",
                "team": "cart",
                "tier": 1,
            },
        }

    async def test_headers(self) -> None:
        """It is JSON, nobody keeps it, and it says which version it is of."""
        answer = await AnEdge(a_flag()).one("f", ADA)

        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-pennon-version"] == str(a_position(1))
        assert "x-pennon-stale" not in answer.headers

    @pytest.mark.parametrize(
        ("flag", "reason"),
        [
            (a_flag(enabled=False), "DISABLED"),
            (a_flag(), "STATIC"),
            (a_flag(targets=(a_target("on", "bob"),)), "DEFAULT"),
            (a_flag(targets=(a_target("on", "ada"),)), "TARGETING_MATCH"),
            (a_flag(rules=(a_rule(a_clause("key", "in", "ada")),)), "TARGETING_MATCH"),
            (a_flag(rules=(a_rule(serve=splitting(("on", 100_000))),)), "SPLIT"),
            (a_flag(default=splitting(("on", 50_000), ("off", 50_000))), "SPLIT"),
            (a_flag(requires=(requiring("missing"),)), "DEFAULT"),
        ],
    )
    async def test_reasons(self, flag: Flag, reason: str) -> None:
        """Reasons are OpenFeature's own: a provider fails on any other."""
        assert (await AnEdge(flag).one("f", ADA)).json()["reason"] == reason

    async def test_no_value(self) -> None:
        """A flag without an off variation gives no value: the caller's default applies."""
        answer = await AnEdge(a_flag(enabled=False, off=None)).one("f", ADA)

        assert answer.status == 200
        assert "value" not in answer.json()
        assert answer.json()["variant"] == ""
        assert answer.json()["reason"] == "DISABLED"

    @pytest.mark.parametrize(
        ("flag", "text"),
        [
            (a_value_flag("f", "float", 1.0), b'"value":1.0'),
            (a_value_flag("f", "float", 1), b'"value":1.0'),
            (a_value_flag("f", "float", -3), b'"value":-3.0'),
            (a_value_flag("f", "integer", 1), b'"value":1'),
            (a_value_flag("f", "string", "é"), '"value":"é"'.encode()),
            (a_value_flag("f", "json", {"a": [1, 1.5, None]}), b'"value":{"a":[1,1.5,null]}'),
            (a_value_flag("f", "json", None), b'"value":null'),
        ],
    )
    async def test_values(self, flag: Flag, text: bytes) -> None:
        """A value is written by its flag's type: providers take 1 for no float."""
        body = (await AnEdge(flag).one("f", ADA)).body

        assert text + b"," in body or text + b"}" in body

    async def test_stale(self) -> None:
        """A node that is out of touch says so, in a header and in the metadata."""
        edge = AnEdge(a_flag())
        edge.clock.now = 90.0
        answer = await edge.one("f", ADA)

        assert answer.headers["x-pennon-stale"] == "90000"
        assert answer.json()["metadata"]["pennon.staleMs"] == 90_000

    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("new.checkout-2_x", "new.checkout-2_x"),
            ("a%2Fb", "a/b"),
            ("a/b", "a/b"),
            ("with%20space", "with space"),
            ("%C3%A9", "é"),
        ],
    )
    async def test_keys(self, path: str, key: str) -> None:
        """A key stands in the path, percent-encoded or not."""
        assert (await AnEdge(a_flag(key)).one(path, ADA)).json()["key"] == key


class TestContexts:
    @pytest.mark.parametrize("body", [b"", b" ", b"{}", b'{"context":null}', b'{"context":{}}'])
    async def test_missing(self, body: bytes) -> None:
        """No context is an empty one: a flag that needs no key answers."""
        answer = await AnEdge(a_flag()).post(f"{FLAGS_PATH}/f", body, key=SERVER)

        assert (answer.status, answer.json()["value"]) == (200, False)

    @pytest.mark.parametrize("context", [ADA, {"key": "ada"}, {"kind": "user", "key": "ada"}])
    async def test_shapes(self, context: object) -> None:
        """Every shape of context is read."""
        edge = AnEdge(a_flag(targets=(a_target("on", "ada"),)))

        assert (await edge.one("f", context)).json()["value"] is True

    async def test_more_in_the_body(self) -> None:
        """What a provider sends beside the context is ignored."""
        answer = await AnEdge(a_flag()).post(
            f"{FLAGS_PATH}/f", {"context": ADA, "new": 1}, key=SERVER
        )

        assert answer.status == 200


class TestSingleFaults:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"{", "PARSE_ERROR"),
            (b"[]", "PARSE_ERROR"),
            (b'"x"', "PARSE_ERROR"),
            (b"\xff", "PARSE_ERROR"),
            (b'{"context":' * 10_000, "PARSE_ERROR"),
            (b'{"context":[]}', "INVALID_CONTEXT"),
            (b'{"context":"ada"}', "INVALID_CONTEXT"),
            (b'{"context":{"kind":7}}', "INVALID_CONTEXT"),
            (b'{"context":{"kind":"multi"}}', "INVALID_CONTEXT"),
        ],
    )
    async def test_bad_input(self, body: bytes, code: str) -> None:
        """A body that cannot be read is 400 with key, code and details, on both routes."""
        edge = AnEdge(a_flag())
        single = await edge.post(f"{FLAGS_PATH}/f", body, key=SERVER)
        bulk = await edge.post(FLAGS_PATH, body, key=SERVER)

        assert (single.status, single.json()["key"], single.json()["errorCode"]) == (400, "f", code)
        assert single.json()["errorDetails"].startswith("$")
        assert (bulk.status, bulk.json()["errorCode"]) == (400, code)
        assert bulk.json()["errorDetails"] == single.json()["errorDetails"]

    async def test_no_targeting_key(self) -> None:
        """A split without a key to split by is the provider's to tell."""
        flag = a_flag(default=splitting(("on", 50_000), ("off", 50_000)))
        answer = await AnEdge(flag).one("f", {"plan": "pro"})

        assert answer.status == 400
        assert answer.json().keys() == {"key", "errorCode", "errorDetails"}
        assert answer.json()["errorCode"] == "TARGETING_KEY_MISSING"

    async def test_malformed_flag(self) -> None:
        """A flag that cannot be evaluated is told as it is, and hides no other."""
        edge = AnEdge(a_flag(default=serving("nowhere")), a_flag("other"))
        answer = await edge.one("f", ADA)

        assert (answer.status, answer.json()["errorCode"]) == (400, "PARSE_ERROR")
        assert (await edge.one("other", ADA)).status == 200

    @pytest.mark.parametrize("key", ["missing", "F", "f/", "f f"])
    async def test_not_found(self, key: str) -> None:
        """A flag that does not exist is 404 with key, code and details."""
        answer = await AnEdge(a_flag()).one(key, ADA)

        assert answer.status == 404
        assert answer.json()["key"] == key
        assert answer.json()["errorCode"] == "FLAG_NOT_FOUND"
        assert answer.json()["errorDetails"]

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
    async def test_who_may(self, key: str | None, environment: str, status: int) -> None:
        """Keys have the statuses that they have everywhere, on both routes."""
        edge = AnEdge(a_flag(), environments=(SHOP, STAGING))
        single = await edge.one("f", ADA, key=key, x_pennon_environment=environment)
        bulk = await edge.all(ADA, key=key, x_pennon_environment=environment)

        assert (single.status, bulk.status) == (status, status)
        assert ("retry-after" in single.headers) is (status == 503)

    async def test_no_environment(self) -> None:
        """A key that opens several needs to say which."""
        edge = AnEdge(a_flag())
        single, bulk = await edge.one("f", ADA, key=ALL), await edge.all(ADA, key=ALL)

        assert (single.status, single.json()["errorCode"]) == (400, "GENERAL")
        assert single.json()["key"] == "f"
        assert (bulk.status, bulk.json()["errorCode"]) == (400, "GENERAL")

    async def test_not_loaded(self) -> None:
        """A node that knows nothing yet is asked again."""
        assert (await AnEdge(loaded=False).one("f", ADA)).status == 503

    async def test_get(self) -> None:
        """Evaluations are posted."""
        answer = await AnEdge(a_flag()).get(f"{FLAGS_PATH}/f", key=SERVER)

        assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")


class TestClientSide:
    FLAGS = (
        a_flag("web", client_side=ClientSide(web=True)),
        a_flag("mobile", client_side=ClientSide(mobile=True)),
        a_flag("both", client_side=BOTH),
        a_flag("server"),
    )

    @pytest.mark.parametrize(
        ("key", "seen"),
        [
            (SERVER, {"web", "mobile", "both", "server"}),
            (CLIENT, {"web", "both"}),
            (MOBILE, {"mobile", "both"}),
        ],
    )
    async def test_seen(self, key: str, seen: set[str]) -> None:
        """A client-side key sees the flags that are meant for it; others do not exist for it."""
        edge = AnEdge(*self.FLAGS)
        found = {
            flag.key
            for flag in self.FLAGS
            if (await edge.one(flag.key, ADA, key=key)).status == 200
        }

        assert found == seen
        assert flags_of(await edge.all(ADA, key=key)).keys() == seen

    async def test_hidden_is_as_missing(self) -> None:
        """What a key may not see is told as what does not exist, word for word."""
        edge = AnEdge(*self.FLAGS)
        hidden = await edge.one("server", ADA, key=CLIENT)
        missing = await edge.one("no-one", ADA, key=CLIENT)

        assert hidden.status == missing.status == 404
        assert hidden.body.replace(b"server", b"no-one") == missing.body

    async def test_hidden_prerequisite(self) -> None:
        """A flag that is not seen still decides for one that is."""
        edge = AnEdge(
            a_flag("f", client_side=BOTH, requires=(requiring("hidden"),), default=serving("on")),
            a_flag("hidden", default=serving("on")),
        )

        assert (await edge.one("f", ADA, key=CLIENT)).json()["value"] is True


class TestBulk:
    async def test_success(self) -> None:
        """All flags, each as it is alone, and which version they are of."""
        edge = AnEdge(a_flag("a", default=serving("on")), a_flag("b", enabled=False, off=None))
        answer = await edge.all(ADA)

        assert answer.json()["flags"] == [
            (await edge.one("a", ADA)).json(),
            (await edge.one("b", ADA)).json(),
        ]
        assert answer.json()["metadata"] == {"flagSetId": SHOP, "version": str(a_position(1))}

    async def test_faults_of_flags(self) -> None:
        """A flag's own fault rides among the others; the answer stays 200."""
        edge = AnEdge(
            a_flag("bad", default=serving("nowhere")),
            a_flag("keyless", default=splitting(("on", 100_000))),
            a_flag("good"),
        )
        flags = flags_of(await edge.all({}))

        assert flags["bad"]["errorCode"] == "PARSE_ERROR"
        assert flags["keyless"]["errorCode"] == "TARGETING_KEY_MISSING"
        assert flags["bad"].keys() == {"key", "errorCode", "errorDetails"}
        assert flags["good"]["value"] is False

    async def test_none(self) -> None:
        """No flags are no fault."""
        assert flags_of(await AnEdge().all(ADA)) == {}

    async def test_trailing_slash(self) -> None:
        """A slash at the end changes nothing."""
        answer = await AnEdge(a_flag()).post(f"{FLAGS_PATH}/", {"context": ADA}, key=SERVER)

        assert flags_of(answer).keys() == {"f"}


class TestTag:
    async def test_not_modified(self) -> None:
        """Who has the answer already is told so, without it."""
        edge = AnEdge(a_flag())
        tag = (await edge.all(ADA)).headers["etag"]
        again = await edge.all(ADA, if_none_match=tag)

        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == tag

    async def test_changes_with_the_version(self) -> None:
        """Any change of the environment is another answer."""
        edge = AnEdge(a_flag())
        tags = [(await edge.all(ADA)).headers["etag"]]
        edge.change(2, a_flag(default=serving("on")))
        tags.append((await edge.all(ADA)).headers["etag"])
        edge.replicas.open(SHOP).apply(a_change(3, "other", None))
        tags.append((await edge.all(ADA)).headers["etag"])

        assert len(set(tags)) == 3

    async def test_changes_with_the_context(self) -> None:
        """So is any other context, also with the same targeting key."""
        edge = AnEdge(a_flag())
        contexts: list[object] = [ADA, {**ADA, "plan": "pro"}, {**ADA, "plan": "free"}, {}, None]
        tags = {(await edge.all(context)).headers["etag"] for context in contexts}

        assert len(tags) == 5

    async def test_changes_with_the_key(self) -> None:
        """So is what another kind of key, or another environment, sees."""
        edge = AnEdge(a_flag(client_side=BOTH), environments=(SHOP, STAGING))
        edge.load(STAGING, a_flag(client_side=BOTH))
        tags = {(await edge.all(ADA, key=key)).headers["etag"] for key in (SERVER, CLIENT, MOBILE)}
        staging = await edge.all(ADA, key=ALL, x_pennon_environment=STAGING)
        tags.add(staging.headers["etag"])

        assert len(tags) == 4

    async def test_another_server_key(self) -> None:
        """What two server keys see of one environment is the same, but for their streams."""
        tags = []
        for streams in (0, 10):
            edge = AnEdge(a_flag(), event_streams=streams)
            one = await edge.all(ADA)
            two = await edge.all(ADA, key=ALL, x_pennon_environment=SHOP)
            tags.append(one.headers["etag"] == two.headers["etag"])

        assert tags == [True, False]

    async def test_bad_context(self) -> None:
        """A context that cannot be read is told, whatever tag comes with it."""
        edge = AnEdge(a_flag())
        tag = (await edge.all(ADA)).headers["etag"]

        assert (await edge.all([], if_none_match=tag)).status == 400


class TestFollowing:
    async def test_a_change_is_served(self) -> None:
        """What is served is what the replica holds at that moment."""
        edge = AnEdge(a_flag())
        before = (await edge.one("f", ADA)).json()["value"]
        edge.change(2, a_flag(default=serving("on")))
        after = await edge.one("f", ADA)
        edge.delete(3, "f")

        assert (before, after.json()["value"]) == (False, True)
        assert after.headers["x-pennon-version"] == str(a_position(2))
        assert (await edge.one("f", ADA)).status == 404

    async def test_a_change_is_written(self) -> None:
        """Answers are written once for a version: in the next one nothing of the last is said."""
        edge = AnEdge(a_flag(metadata={"tier": 1}), a_flag("other"))
        before = [await edge.one("f", ADA), await edge.all(ADA)]
        edge.change(2, a_flag(metadata={"tier": 2}))
        after = [await edge.one("f", ADA), await edge.all(ADA)]

        assert [b'"tier":1' in answer.body for answer in before + after] == [
            True,
            True,
            False,
            False,
        ]
        assert flags_of(after[1])["f"] == after[0].json()

    async def test_staleness_comes_and_goes(self) -> None:
        """An answer says how stale it is, whatever was said of it while it was fresh."""
        edge = AnEdge(a_flag())
        told = []
        for now in (0.0, 90.0, 91.0):
            edge.clock.now = now
            told += [await edge.one("f", ADA), await edge.all(ADA)]
        edge.hear(SHOP)
        told += [await edge.one("f", ADA), await edge.all(ADA)]

        assert [
            stale
            for single, bulk in zip(told[::2], told[1::2], strict=True)
            for answer in (single.json(), flags_of(bulk)["f"])
            for stale in [answer["metadata"].get("pennon.staleMs")]
        ] == [None, None, 90_000, 90_000, 91_000, 91_000, None, None]

    async def test_what_is_kept_does_not_grow(self) -> None:
        """Bytes are kept of answers that were made with their flags, however many ask for them."""
        edge = AnEdge(
            a_flag("f", default=splitting(("on", 50_000), ("off", 50_000))),
            a_flag("bad", default=serving("nowhere")),
        )
        for number in range(50):
            await edge.one("f", {"targetingKey": f"user-{number}"})
            await edge.all({"plan": number})
            await edge.all({"targetingKey": f"user-{number}"})
            await edge.one(f"missing-{number}", ADA)
        ruleset = edge.evaluating.rulesets.get(SHOP)

        assert ruleset is not None
        assert len(ruleset.written) == 2
