"""An exported log: it round-trips, and is verified without the database that it came from."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from pennon.errors import BadInput
from pennon.origin.audit.findings import Finding
from pennon.origin.audit.lines import head_line, read_export, record_line
from pennon.origin.audit.links import Link
from pennon.origin.audit.verification import verify_chain
from tests.builders.audit import a_chain, altered, head_of


def exported(*chains: list[Link]) -> list[bytes]:
    """Return the lines of *chains*."""
    lines = []
    for links in chains:
        lines += [head_line(head_of(links)), *map(record_line, links)]
    return lines


def found(lines: list[bytes]) -> dict[str, Finding | None]:
    """Return what is found in each chain of an export."""
    return {
        head.chain: verify_chain(head.chain, head, links).finding
        for head, links in read_export(lines)
    }


class TestLine:
    def test_hashes_to_the_hash_that_it_ends_with(self) -> None:
        """Whoever has a SHA-256 can check a line, without us and without parsing it."""
        line = record_line(a_chain(1, comment='Süß, "100 %"\n')[0])

        hashed, hash = re.fullmatch(rb'(.*),"hash":"(.*)"}\n', line, re.DOTALL).groups()  # type: ignore[union-attr]
        assert hashlib.sha256(hashed + b"}").hexdigest() == hash.decode()

    def test_is_one_line(self) -> None:
        """A line break in a text is written as an escape."""
        assert record_line(a_chain(1, comment="a\nb")[0]).count(b"\n") == 1


class TestExport:
    @given(
        st.lists(st.text(max_size=4), max_size=4), st.none() | st.text(max_size=4), st.integers(0)
    )
    def test_round_trips(self, texts: list[str], comment: str | None, at: int) -> None:
        """What is read is what was written, to the byte."""
        chain = a_chain(
            3, comment=comment, actor_name="".join(texts), at=at % 2**63, after=Raw(b'{"a": 1 }')
        )

        read = [(head, list(links)) for head, links in read_export(exported(chain))]

        assert read == [(head_of(chain), chain)]

    def test_holds_several_chains(self) -> None:
        """One after the other, each with its own verdict."""
        lines = exported(a_chain(3), [])
        lines[-1] = lines[-1].replace(b"shop", b"games")

        assert found(lines) == {"shop": None, "games": None}

    def test_a_chain_that_is_not_read_is_passed_over(self) -> None:
        """Whoever wants one chain of many need not read the others."""
        lines = [*exported(a_chain(3)), *exported([])]

        assert [head.sequence for head, _ in read_export(lines)] == [3, 0]

    @given(st.data())
    def test_any_byte_altered_is_found(self, data: st.DataObject) -> None:
        """In a record or in the head; and in a record, it is the record that is named."""
        lines = exported(a_chain(4))
        number = data.draw(st.integers(0, 4))
        line = bytearray(lines[number])
        place = data.draw(st.integers(0, len(line) - 2))
        line[place] ^= data.draw(st.integers(1, 255))
        lines[number] = bytes(line)

        try:
            findings = found(lines)
        except BadInput:
            assert number == 0
            return
        finding = next(iter(findings.values()))
        assert finding is not None
        assert number in (0, finding.sequence)

    def test_a_byte_altered_in_the_database_is_in_the_export(self) -> None:
        """An export shows what is stored, and hides no fault of it."""
        links = a_chain(4)
        links[1] = altered(links[1], actor="eve")

        finding = found(exported(links))["shop"]

        assert finding is not None
        assert (finding.kind, finding.sequence) == ("altered", 2)

    @pytest.mark.parametrize("line", [b"\n", b"garbage\n", b'{"hash":"', b'{"chain":"shop"}\n'])
    def test_what_is_no_record_is_named(self, line: bytes) -> None:
        """With the number of the record that should be there; an empty line as well."""
        lines = exported(a_chain(4))
        lines[2] = line

        finding = found(lines)["shop"]

        assert finding is not None
        assert finding.sequence == 2

    @pytest.mark.parametrize("lines", [[], [b"\n"], exported(a_chain(2))[1:]])
    def test_what_does_not_begin_with_a_head_is_no_export(self, lines: list[bytes]) -> None:
        """Nor is an empty file: nothing would be verified."""
        with pytest.raises(BadInput, match="pennon audit export"):
            found(lines)
