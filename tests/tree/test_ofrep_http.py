"""OFREP over real HTTP, under `pennon up`'s server and under an edge's own: both are the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, GeneralError, TypeMismatchError

from tests.builders.ofrep import shape_faults
from tests.builders.web import Answered
from tests.tree.asking import Origin
from tests.tree.processes import Process, Tree, a_tree

pytestmark = pytest.mark.timeout(120)

FLAGS = "/ofrep/v1/evaluate/flags"
PAGE = {"Origin": "https://app.example.com"}
ADA = EvaluationContext("ada", {"plan": "pro"})


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin with edges below it."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        yield tree


@pytest.fixture(scope="module", params=["up", "edge"])
def url(tree: Tree, request: pytest.FixtureRequest) -> str:
    """Give the address of what evaluates."""
    return tree.url if request.param == "up" else an_edge(tree, "ams").ready["url"]


def an_edge(tree: Tree, name: str) -> Process:
    """Return an edge that is ready."""
    edge = tree.start_edge(name)
    edge.until_ready()
    return edge


def ask(tree: Tree, address: str, method: str = "POST", **headers: str) -> Answered:
    """Ask as a server does, or as what *headers* say."""
    given = {"Authorization": f"Bearer {tree.keys['serverKey']}", **headers}
    answer = httpx2.request(method, address, headers=given)
    return Answered(answer.status_code, dict(answer.headers), answer.content)


class TestKeys:
    @pytest.mark.parametrize(
        ("path", "key"),
        [
            ("new-checkout", "new-checkout"),
            ("new%2Dcheckout", "new-checkout"),
            ("a%2Fb", "a/b"),
            ("a/b", "a/b"),
            ("caf%C3%A9%20%F0%9F%98%80", "café 😀"),
            ("%E2%80%A8", "\u2028"),
            ("100%25", "100%"),
        ],
    )
    def test_in_the_path(self, tree: Tree, url: str, path: str, key: str) -> None:
        """A flag's key is the path's, percent-encoded or not."""
        answer = ask(tree, f"{url}{FLAGS}/{path}")

        assert answer.json()["key"] == key
        assert shape_faults(answer) == []


class TestPages:
    def test_preflight(self, url: str) -> None:
        """A browser asks, without a key, whether a page may."""
        answer = httpx2.options(
            f"{url}{FLAGS}", headers={**PAGE, "Access-Control-Request-Method": "POST"}
        )

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "if-none-match" in answer.headers["access-control-allow-headers"]

    @pytest.mark.parametrize("status", [200, 304, 401])
    def test_answers(self, tree: Tree, url: str, status: int) -> None:
        """A page may read an answer, a 304 and a refusal."""
        headers = dict(PAGE)
        if status == 304:
            headers["If-None-Match"] = ask(tree, f"{url}{FLAGS}").headers["etag"]
        if status == 401:
            headers["Authorization"] = "Bearer pnn_srv_nobody"
        answer = ask(tree, f"{url}{FLAGS}", **headers)

        assert answer.status == status
        assert shape_faults(answer, bulk=True) == []
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "etag" in answer.headers["access-control-expose-headers"]


class TestStream:
    def test_change(self, tree: Tree, url: str) -> None:
        """A change between the answer and the stream is told, without a key in a header."""
        (stream,) = ask(tree, f"{url}{FLAGS}").json()["eventStreams"]
        Origin(tree).switch(enabled=True)
        Origin(tree).switch(enabled=False)
        address = f"{url}{stream['endpoint']['requestUri']}"
        with httpx2.stream("GET", address, timeout=30) as answer:
            said = next(line for line in answer.iter_lines() if line.startswith("data: "))

        assert answer.headers["content-type"] == "text/event-stream"
        assert '"refetchEvaluation"' in said

    def test_drains(self, tree: Tree) -> None:
        """A node that is told to stop ends the streams of pages, and stops."""
        edge = an_edge(tree, "fra")
        address = edge.ready["url"]
        (stream,) = ask(tree, f"{address}{FLAGS}").json()["eventStreams"]
        with httpx2.stream("GET", f"{address}{stream['endpoint']['requestUri']}") as answer:
            lines = answer.iter_lines()
            first = next(lines)
            code = edge.stop()
            rest = list(lines)

        assert first.startswith("retry: ")
        assert code == 0
        assert not any(line.startswith("data: ") for line in rest)


class TestPython:
    """OpenFeature's provider for Python, unmodified."""

    @pytest.fixture
    def provider(self, tree: Tree, url: str) -> Iterator[OFREPProvider]:
        key = tree.keys["serverKey"]
        provider = OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {key}"})
        yield provider
        provider.session.close()

    def test_types(self, provider: OFREPProvider) -> None:
        """It is strict about types: an integer has no fraction."""
        details: list[Any] = [
            provider.resolve_boolean_details("new-checkout", True, ADA),
            provider.resolve_string_details("search-engine", "", ADA),
            provider.resolve_integer_details("page-size", -1, ADA),
        ]

        assert [type(detail.value) for detail in details] == [bool, str, int]

    def test_mismatch(self, provider: OFREPProvider) -> None:
        """An integer flag is no float flag."""
        with pytest.raises(TypeMismatchError):
            provider.resolve_float_details("page-size", -1.0, ADA)

    @pytest.mark.parametrize("key", ["missing", "no such", "a/b", "é"])
    def test_missing(self, provider: OFREPProvider, key: str) -> None:
        """A flag that there is not is told as such, whatever its key."""
        with pytest.raises(FlagNotFoundError):
            provider.resolve_boolean_details(key, False, ADA)

    def test_bad_context(self, provider: OFREPProvider) -> None:
        """What is wrong with a context is told."""
        with pytest.raises(Exception, match="kind"):
            provider.resolve_boolean_details(
                "new-checkout", False, EvaluationContext("ada", {"kind": "no kind"})
            )

    def test_no_key(self, url: str) -> None:
        """A wrong key is the caller's to mend."""
        provider = OFREPProvider(url)
        with pytest.raises(Exception, match=r"(?i)auth"):
            provider.resolve_boolean_details("new-checkout", False, ADA)
        provider.session.close()


class TestLimits:
    def test_too_often(self, tree: Tree) -> None:
        """An address that asks too much is told so, in words that its provider understands."""
        limits = ("--address-rate", "0.01", "--burst-seconds", "100", "--trusted-proxies", "none")
        edge = tree.start_edge("limited", *limits)
        url = edge.until_ready()["url"]
        key = {"Authorization": f"Bearer {tree.keys['serverKey']}"}
        provider = OFREPProvider(url, headers_factory=lambda: key)
        answered = provider.resolve_boolean_details("new-checkout", False, ADA)
        with pytest.raises(GeneralError, match="Rate limited"):
            provider.resolve_boolean_details("new-checkout", False, ADA)
        provider.session.close()
        refused = ask(tree, f"{url}{FLAGS}", **PAGE)
        edge.stop()

        assert answered.variant
        assert refused.status == 429
        assert int(refused.headers["retry-after"]) > 1
        assert refused.headers["access-control-allow-origin"] == "*"
