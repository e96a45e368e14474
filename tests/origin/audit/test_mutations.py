"""Whatever one thing is done to a chain, it is found, and named by the record's number."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from pennon.origin.audit.links import Head, Link
from pennon.origin.audit.records import Record
from tests.builders.audit import a_chain, a_record, altered, forged, head_of, numbered, verified
from tests.builders.origin import NOON

TEXTS = st.sampled_from(
    ["actor", "actor_name", "address", "action", "resource", "environment", "comment", "previous"]
)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[list[Link], Head, int]:
    """Return a chain to which one thing was done, its head, and the number to be named."""
    chain = a_chain(draw(st.integers(2, 8)))
    head, index = head_of(chain), draw(st.integers(0, len(chain) - 1))
    link, links = chain[index], list(chain)
    match draw(
        st.sampled_from(["text", "time", "json", "hash", "forge", "drop", "swap", "repeat"])
    ):
        case "text":
            links[index] = altered(link, **{draw(TEXTS): draw(st.text(max_size=3))})
        case "time":
            links[index] = altered(link, at=draw(st.integers(0, NOON)))
        case "json":
            name = draw(st.sampled_from(["before", "after", "instructions", "summary", "versions"]))
            links[index] = altered(link, **{name: Raw(draw(st.sampled_from([b" ", b"{}x", b"1"])))})
        case "hash":
            links[index] = Link(link.record, "0" * 64, link.hash)
        case "forge":
            links[index] = forged(link, **{draw(TEXTS): draw(st.text(max_size=3))})
        case "drop":
            del links[index]
        case "swap":
            other = draw(st.integers(0, len(chain) - 1).filter(lambda one: one != index))
            links[index], links[other] = (
                numbered(chain[other], index + 1),
                numbered(link, other + 1),
            )
            index = min(index, other)
        case _:
            place = draw(st.integers(index + 1, len(chain)))
            links.insert(place, link)
            index = place if place == len(chain) else index
    assume(links != chain)
    return links, head, index + 1


class TestAnyMutation:
    @given(mutations())
    def test_is_found_and_named(self, mutation: tuple[list[Link], Head, int]) -> None:
        """Whichever record it happened to, that one is the first that is named."""
        links, head, sequence = mutation

        verdict = verified(links, head)

        assert verdict.finding is not None
        assert verdict.finding.sequence == sequence

    @given(st.integers(1, 8), st.integers(-1, 10), st.sampled_from(["0" * 64, None]))
    def test_of_the_head_is_found(self, length: int, sequence: int, hash: str | None) -> None:
        """Another number, another hash, or both."""
        links = a_chain(length)
        head = head_of(links)
        other = Head(chain="shop", sequence=sequence, hash=hash or head.hash)

        assert (verified(links, other).finding is None) == (other == head)


class TestRecord:
    @pytest.mark.parametrize("name", Record.__struct_fields__)
    def test_every_field_is_hashed(self, name: str) -> None:
        """None could be altered unseen."""
        record = a_record()
        other = Raw(b"9") if isinstance(getattr(record, name), Raw) else "9"

        assert replace(record, **{name: other}).hash() != record.hash()
