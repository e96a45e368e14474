"""Pages that an application renders begin with their flags."""

from __future__ import annotations

import json
import re

import pytest

from pennon.model.context import Context
from pennon.model.flag import ClientSide
from tests.builders.sdk import ADA, a_client, a_flag_of

WEB = ClientSide(web=True)
FLAGS = (
    a_flag_of("shown", "boolean", False, True, serve="v1", client_side=WEB),
    a_flag_of("price", "float", 1, client_side=WEB),
    a_flag_of("mobile", "boolean", True, client_side=ClientSide(mobile=True)),
    a_flag_of("secret", "string", "internal"),
)


class TestBootstrap:
    def test_what_pages_may_see(self) -> None:
        """A page is given the flags that pages may see, and an app those for apps."""
        client = a_client(*FLAGS)
        page = client.bootstrap(ADA)
        app = client.bootstrap(ADA, client_side="mobile")

        assert {key: (one.value, one.variation) for key, one in page.flags.items()} == {
            "shown": (True, 1),
            "price": (1.0, 0),
        }
        assert [*app.flags] == ["mobile"]

    def test_for_its_context(self) -> None:
        """It is for one context and no other."""
        payload = a_client(*FLAGS).bootstrap(ADA)

        assert payload.is_for(Context.of(ADA))
        assert not payload.is_for(Context.of({"targetingKey": "eve"}))

    @pytest.mark.parametrize("context", [None, 3, {"kind": 7}])
    def test_nobody(self, context: object) -> None:
        """Whatever is given as a context, a page can be rendered."""
        assert a_client(*FLAGS).bootstrap(context).flags  # type: ignore[arg-type]

    def test_tag(self) -> None:
        """The element is what the edge's payload would make, with a nonce where there is one."""
        tag = a_client(*FLAGS).bootstrap_tag(ADA, nonce="r4nd0m")
        found = re.fullmatch(r'<script nonce="r4nd0m">window\.\w+ = (.*);</script>', tag)

        assert found
        assert json.loads(found[1])["flags"]["shown"] == {"value": True, "variation": 1}
