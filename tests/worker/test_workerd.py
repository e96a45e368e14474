"""The worker under workerd: it answers as an edge does, and hears of changes whatever dies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from pennon.model.flag import ClientSide
from pennon.model.messages import ItemId
from tests.builders.edge import ALL, CLIENT, EDGE_KEYS, MOBILE, RELAY, SERVER, STAGING, AnEdge
from tests.builders.flags import a_flag
from tests.builders.flags import serving as serve
from tests.builders.relay import SHOP, a_secret, a_snapshot, an_access
from tests.builders.web import Answered
from tests.builders.workerd import WORKERD, a_story
from tests.conformance.cases import cases_of

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(not WORKERD.is_file(), reason="needs what `npm ci` installs on Linux"),
]

FLAGS: Final = "/ofrep/v1/evaluate/flags"
ADA: Final = {"context": {"targetingKey": "ada"}}


class TestAnswers:
    async def test_they_are_those_of_an_edge(self) -> None:
        """One flag and all flags, of every case that evaluators share."""
        edge = AnEdge()
        async with a_story(edge) as story:
            await story.worker.until_at(1, SERVER)
            for version, case in enumerate(_cases(), 2):
                held = {**_items("flag", case["flags"]), **_items("segment", case["segments"])}
                whole = a_snapshot(version, held, shrink_allowed=True)
                edge.replicas.open(SHOP).replace(whole)
                await story.worker.until_at(version, SERVER)
                asked = [(f"{FLAGS}/{one['flag']}", one["context"]) for one in case["evaluations"]]
                for path, context in [*asked, (FLAGS, asked[0][1])]:
                    ours = await story.worker.post(path, {"context": context}, key=SERVER)
                    theirs = await edge.post(path, {"context": context}, key=SERVER)

                    assert _said(ours) == _said(theirs), f"{case['name']}: {path}"

    @pytest.mark.parametrize(
        ("key", "named"),
        [
            (None, None),
            (a_secret(99, "server"), None),
            (RELAY, None),
            (ALL, None),
            (ALL, SHOP),
            (ALL, "shop/nowhere"),
            (SERVER, STAGING),
            (CLIENT, None),
            (MOBILE, SHOP),
        ],
        ids=["none", "unknown", "relay", "all", "named", "nowhere", "other", "page", "app"],
    )
    async def test_keys_open_what_they_open_there(self, key: str | None, named: str | None) -> None:
        """Status and words are an edge's, for one flag, for all and for a page."""
        visible = ClientSide(web=True)
        edge = AnEdge(a_flag(), a_flag("page", client_side=visible))
        headers = {} if named is None else {"x_pennon_environment": named}
        async with a_story(edge, hub=False) as story:
            for path in (FLAGS, f"{FLAGS}/f", "/bootstrap/v1"):
                ours = await story.worker.post(path, ADA, key=key, **headers)
                theirs = await edge.post(path, ADA, key=key, **headers)

                assert _said(ours) == _said(theirs), path

    async def test_pages_are_given_their_flags(self) -> None:
        """The platform's own HTMLRewriter puts the tag first into the head."""
        edge = AnEdge(a_flag(client_side=ClientSide(web=True), default=serve("on")))
        async with a_story(edge) as story:
            answer = await story.worker.client.get("/")

        head = '<html><head><script type="application/json" id="__FLAG_BOOTSTRAP__">{"version"'
        assert answer.text.startswith(head)
        assert answer.text.endswith("</script><title>Shop</title></head></html>")


class TestHub:
    async def test_changes_arrive(self) -> None:
        """A change of the origin is in the isolate, and nobody asks for it."""
        async with a_story(AnEdge(a_flag())) as story:
            await story.worker.until_at(1, SERVER)
            before = len(story.origin.asked)
            for version in range(2, 12):
                story.edge.change(version, a_flag(version=version))
                await story.worker.until_at(version, SERVER)

        assert story.origin.asked.count("/sync/v1/stream") >= 1
        assert story.origin.asked[before:] == []

    async def test_a_key_that_is_revoked_opens_nothing(self) -> None:
        """Keys travel as flags do."""
        async with a_story(AnEdge(a_flag())) as story:
            await story.worker.until_at(1, SERVER)
            access = an_access(*EDGE_KEYS[1:], version=2)
            story.edge.replicas.open("$access").replace(access)

            await story.worker.until_refused(SERVER)

    async def test_without_it_the_origin_is_asked(self) -> None:
        """A hub that dies costs no change: isolates ask the origin for what they lack."""
        async with a_story(AnEdge(a_flag())) as story:
            await story.worker.until_at(1, SERVER)
            await story.worker.kill_hub()
            story.edge.change(2, a_flag(version=2))
            await story.worker.until_at(2, SERVER)

        assert "/sync/v1/changes" in story.origin.asked


class TestKv:
    async def test_it_is_what_is_left(self) -> None:
        """With hub and origin dead, a cold isolate serves what KV has, and says how old it is."""
        edge = AnEdge(a_flag())
        async with a_story(edge) as story:
            story.kv.put(an_access(*EDGE_KEYS), edge.replicas.open(SHOP).snapshot())
            await story.worker.kill_hub()
            await story.origin.stop()
            answer = await story.worker.post(FLAGS, ADA, key=SERVER)

        assert answer.status_code == 200
        assert int(answer.headers["x-pennon-stale"]) > 75_000

    async def test_what_it_lacks_the_origin_has(self) -> None:
        """With the hub dead and KV old, a cold isolate asks for the changes since."""
        edge = AnEdge(a_flag())
        async with a_story(edge) as story:
            story.kv.put(an_access(*EDGE_KEYS), edge.replicas.open(SHOP).snapshot())
            edge.change(2, a_flag(version=2))
            await story.worker.kill_hub()

            assert await story.worker.version(SERVER) == 2
        assert story.origin.asked.count("/sync/v1/datafile") == 0

    async def test_without_it_there_is_nothing_to_serve(self) -> None:
        """With nothing anywhere, who asks is told to come back, and never that a key is wrong."""
        async with a_story(AnEdge()) as story:
            await story.worker.kill_hub()
            await story.origin.stop()
            answer = await story.worker.post(FLAGS, ADA, key=SERVER)

        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"


def _cases() -> Iterator[Mapping[str, Any]]:
    """Yield what evaluators share: whole cases, and conditions as flags of one environment."""
    for parameter in cases_of("evaluation"):
        (case,) = parameter.values
        yield {"segments": {}, "flags": {}, **case}
    alone: dict[str, Any] = {"name": "conditions", "segments": {}, "flags": {}, "evaluations": []}
    for number, parameter in enumerate(cases_of("clauses")):
        (case,) = parameter.values
        key = f"f{number}"
        flag = _flag_with(key, case["when"])
        asked = {"flag": key, "context": case["context"]}
        if "segments" in case:
            yield {**case, "flags": {key: flag}, "evaluations": [asked]}
        else:
            alone["flags"][key] = flag
            alone["evaluations"].append(asked)
    yield alone


def _flag_with(key: str, when: Any) -> dict[str, Any]:
    return {
        "key": key,
        "type": "boolean",
        "enabled": True,
        "variations": [{"name": "yes", "value": True}, {"name": "no", "value": False}],
        "rules": [{"id": "r", "when": when, "serve": {"variation": "yes"}}],
        "default": {"variation": "no"},
    }


def _items(kind: Any, members: Mapping[str, Any]) -> dict[ItemId, bytes]:
    return {(kind, key): json.dumps(item).encode() for key, item in members.items()}


def _said(answer: Any) -> tuple[int, Any]:
    """
    Return the status, and what is said without what is free: wording, and what a worker lacks.
    """
    status = answer.status if isinstance(answer, Answered) else answer.status_code
    return status, _without(answer.json())


_FREE: Final = {"errorDetails", "detail", "errors", "eventStreams", "state", "generatedAt"}


def _without(said: Any) -> Any:
    if isinstance(said, list):
        return [_without(each) for each in said]
    if isinstance(said, dict):
        return {name: _without(value) for name, value in said.items() if name not in _FREE}
    return said
