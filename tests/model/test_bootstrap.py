"""The tag that gives a page its flags: whatever is in them, it stays one script element."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.model.bootstrap import Bootstrap, BootstrapFlag, bootstrap_tag
from pennon.model.context_hash import context_hash
from tests.builders.flags import a_context

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text() | st.sampled_from(["</script>", "<!--", "\u2028", "\u2029", "&lt;", "\ud800"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("__proto__"), inner),
    max_leaves=10,
)  # fmt: skip


def a_bootstrap(**flags: Any) -> Bootstrap:
    """Return the payload for ada of flags that serve these values."""
    return Bootstrap(
        version="v123",
        flags={key: BootstrapFlag(value=value, variation=1) for key, value in flags.items()},
        epoch="1763812800000-9f3a01c2",
        environment="shop/production",
        context_hash=context_hash(a_context()),
        generated_at=1_763_812_800_000,
    )


class Page(HTMLParser):
    """The script elements of a page, as a browser finds them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.outside = ""
        self._in_script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "script"
        self.scripts.append((dict(attrs), ""))
        self._in_script = True

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        else:
            self.outside += data


class TestScript:
    def test_exact(self) -> None:
        """A page finds it where every page does."""
        payload = {"version": "v123", "flags": {"new-checkout": {"value": True, "variation": 1}}}

        assert bootstrap_tag(payload) == (
            '<script>window.__FLAG_BOOTSTRAP__ = {"version":"v123",'
            '"flags":{"new-checkout":{"value":true,"variation":1}}};</script>'
        )

    def test_forms(self) -> None:
        """The payload may be an object, or what the endpoint answered."""
        payload = a_bootstrap(f=True)
        data = msgspec.json.encode(payload)
        tags = {bootstrap_tag(form) for form in (payload, data, data.decode(), json.loads(data))}

        assert len(tags) == 1

    def test_nonce(self) -> None:
        """A nonce lets it run where a policy asks for one, and cannot break out of its quotes."""
        tag = bootstrap_tag(a_bootstrap(), nonce='a"><b')

        assert tag.startswith('<script nonce="a&quot;&gt;&lt;b">')

    @given(JSON)
    def test_safe(self, value: Any) -> None:
        """Whatever a value is, the page has one script and it is in ASCII, on one line."""
        tag = bootstrap_tag(a_bootstrap(f=value))
        page = Page(f"before{tag}after")
        ((_, script),) = page.scripts

        assert tag.isascii()
        assert not set("<>&\n") & set(script)
        assert page.outside == "beforeafter"

    def test_prototype(self) -> None:
        """A name that a script reads as an object's prototype is a name here."""
        payload = a_bootstrap(**{"__proto__": '"__proto__":', '"__proto__': {"__proto__": 1}})
        tag = bootstrap_tag(payload)

        assert tag.count('["__proto__"]:') == 2
        assert r'"\"__proto__":' in tag
        assert r'"\"__proto__\":"' in tag


class TestData:
    @given(JSON)
    def test_same(self, value: Any) -> None:
        """As data it is JSON, in an element that a page finds by its id."""
        payload = a_bootstrap(f=value)
        ((attributes, text),) = Page(bootstrap_tag(payload, executable=False)).scripts

        assert attributes == {"type": "application/json", "id": "__FLAG_BOOTSTRAP__"}
        assert json.loads(text) == msgspec.to_builtins(payload)

    def test_nonce(self) -> None:
        """A nonce may stand there as well."""
        assert ' nonce="n1">' in bootstrap_tag(a_bootstrap(), nonce="n1", executable=False)

    @pytest.mark.parametrize("text", ["", "[]", "nothing", b"\xff"])
    def test_no_payload(self, text: str | bytes) -> None:
        """What is no payload is refused, and not put into a page."""
        with pytest.raises(BadInput):
            bootstrap_tag(text)


class TestBinding:
    def test_is_for(self) -> None:
        """It is for the context that it was made for, and for no other."""
        payload = a_bootstrap()

        assert payload.is_for(a_context("ada"))
        assert not payload.is_for(a_context("bob"))
        assert not payload.is_for(a_context("ada", plan="pro"))
