"""Entity tags."""

from __future__ import annotations

import pytest
from msgspec import Struct
from msgspec.json import encode

from pennon.errors import BadInput, PreconditionFailed
from pennon.web.etag import ANY, Tags, etag_of


class Thing(Struct):
    name: str


class TestTags:
    def test_match_what_they_name(self) -> None:
        """One of several is enough, and a proxy's mark of weakness is overlooked."""
        tags = Tags.parse("If-Match", '"a", W/"b"')

        assert [tags.match(tag) for tag in ('"a"', '"b"', '"c"')] == [True, True, False]

    def test_a_star_matches_anything(self) -> None:
        """As no header at all does."""
        assert Tags.parse("If-Match", " * ") == ANY
        assert ANY.match('"a"')

    @pytest.mark.parametrize("header", ["", "a", '"a', '"a" "b"', '"a",', "*, *"])
    def test_anything_else_is_an_error(self, header: str) -> None:
        """A precondition that cannot be read is never taken as met."""
        with pytest.raises(BadInput) as raised:
            Tags.parse("If-Match", header)

        assert raised.value.faults[0].path == "If-Match"

    def test_check_is_met_by_what_would_be_answered(self) -> None:
        """The tag is that of the encoded object."""
        thing = Thing("a")
        tags = Tags.parse("If-Match", etag_of(encode(thing)))
        tags.check(thing)

        with pytest.raises(PreconditionFailed):
            tags.check(Thing("b"))
