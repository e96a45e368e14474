"""The walk along a chain: whatever was done to it is found, and named by the record's number."""

from __future__ import annotations

import pytest
from msgspec import Raw
from msgspec.structs import replace

from pennon.origin.audit.findings import Finding
from pennon.origin.audit.links import Checkpoint, Link, Unreadable
from pennon.origin.audit.verification import verify_chain
from tests.builders.audit import a_chain, altered, forged, head_of, numbered, verified
from tests.builders.origin import NOON

CHAIN = a_chain(6)
HEAD = head_of(CHAIN)


def checkpoint(links: list[Link], sequence: int) -> Checkpoint:
    """Return a checkpoint of *links* as they were after a record."""
    stored = links[sequence - 1].stored
    return Checkpoint(chain="shop", sequence=sequence, hash=stored, at=NOON, key="key")


def rewritten(links: list[Link], sequence: int) -> list[Link]:
    """Return *links* with a forged record, and all that follow made to fit."""
    made = [*links[: sequence - 1], forged(links[sequence - 1], actor="eve")]
    for link in links[sequence:]:
        made.append(forged(link, previous=made[-1].stored))
    return made


def named(finding: Finding | None) -> tuple[str, int] | None:
    """Return what a finding names."""
    return None if finding is None else (finding.kind, finding.sequence)


class TestIntact:
    @pytest.mark.parametrize("length", [0, 1, 6])
    def test_a_chain_as_it_was_written(self, length: int) -> None:
        """Nothing is found, and every record counts."""
        links = CHAIN[:length]

        verdict = verified(links, head_of(links))

        assert (verdict.finding, verdict.records) == (None, length)

    def test_checkpoints_that_agree_are_counted(self) -> None:
        """Also one of the chain before its first record."""
        empty = Checkpoint(chain="shop", sequence=0, hash="0" * 64, at=NOON, key="key")

        verdict = verified(CHAIN, HEAD, empty, checkpoint(CHAIN, 3), checkpoint(CHAIN, 6))

        assert (verdict.finding, verdict.checkpoints) == (None, 3)


class TestAltered:
    @pytest.mark.parametrize("sequence", range(1, 7))
    def test_one_byte(self, sequence: int) -> None:
        """The record is named, and those before it hold."""
        links = list(CHAIN)
        links[sequence - 1] = altered(CHAIN[sequence - 1], comment="whY")

        verdict = verified(links, HEAD)

        assert named(verdict.finding) == ("altered", sequence)
        assert verdict.records == sequence - 1

    @pytest.mark.parametrize("sequence", range(1, 7))
    def test_together_with_its_hash(self, sequence: int) -> None:
        """The record after it, or the head, knows another hash."""
        links = list(CHAIN)
        links[sequence - 1] = forged(CHAIN[sequence - 1], versions=Raw(b"{}"))

        finding = verified(links, HEAD).finding

        assert finding is not None
        assert finding.sequence == sequence
        assert finding.kind == ("head" if sequence == 6 else "altered")

    def test_what_it_follows_together_with_its_hash(self) -> None:
        """It is not the record before that is blamed: nobody after knows this one."""
        links = list(CHAIN)
        links[3] = forged(CHAIN[3], previous="f" * 64)

        assert named(verified(links, HEAD).finding) == ("altered", 4)

    def test_what_cannot_be_read(self) -> None:
        """The reason is told."""
        finding = verify_chain(
            "shop", HEAD, [*CHAIN[:2], Unreadable("its at is of the wrong type")]
        )

        assert finding.finding is not None
        assert finding.finding.message == (
            "Record 3 was altered: it cannot be read, since its at is of the wrong type."
        )

    def test_a_number_of_its_own(self) -> None:
        """A last record that bears another number is not a missing one."""
        links = [*CHAIN[:5], numbered(CHAIN[5], 9)]

        assert named(verified(links, HEAD).finding) == ("altered", 6)


class TestMissing:
    @pytest.mark.parametrize("sequence", range(1, 6))
    def test_a_record(self, sequence: int) -> None:
        """The gap is named."""
        links = [link for link in CHAIN if link.sequence != sequence]

        assert named(verified(links, HEAD).finding) == ("missing", sequence)

    def test_several(self) -> None:
        """The first and the last of them are told."""
        finding = verified([*CHAIN[:1], *CHAIN[4:]], HEAD).finding

        assert finding is not None
        assert finding.message == "Records 2 to 4 are missing."

    @pytest.mark.parametrize("sequence", range(1, 6))
    def test_a_record_whose_gap_was_closed(self, sequence: int) -> None:
        """Moving up the later ones hides the gap and not what they were written as."""
        links = CHAIN[: sequence - 1] + [
            numbered(link, link.sequence - 1) for link in CHAIN[sequence:]
        ]

        assert named(verified(links, HEAD).finding) == ("missing", sequence)


class TestReordered:
    @pytest.mark.parametrize(("first", "second"), [(1, 2), (3, 4), (2, 5), (5, 6), (1, 6)])
    def test_two_swapped(self, first: int, second: int) -> None:
        """The first of the two is named, and what stands in its place."""
        links = list(CHAIN)
        links[first - 1] = numbered(CHAIN[second - 1], first)
        links[second - 1] = numbered(CHAIN[first - 1], second)

        finding = verified(links, HEAD).finding

        assert named(finding) == ("reordered", first)
        assert finding is not None
        assert f"record {second} has been put in its place" in finding.message

    def test_lines_of_a_file(self) -> None:
        """There they keep their numbers."""
        links = [CHAIN[0], CHAIN[3], CHAIN[2], CHAIN[1], *CHAIN[4:]]

        assert named(verified(links, HEAD).finding) == ("reordered", 2)

    def test_one_moved_before_the_first(self) -> None:
        """Where there is no number 0."""
        links = [numbered(CHAIN[2], 0), *CHAIN[:2], *CHAIN[3:]]

        assert named(verified(links, HEAD).finding) == ("reordered", 1)


class TestInserted:
    def test_in_the_middle(self) -> None:
        """A forged record that fits does not make those fit that had to make room."""
        links = [
            *CHAIN[:2],
            forged(CHAIN[2], actor="eve"),
            *(numbered(link, link.sequence + 1) for link in CHAIN[2:]),
        ]

        assert named(verified(links, HEAD).finding) == ("inserted", 3)

    def test_a_line_twice(self) -> None:
        """A record is there once."""
        assert named(verified([*CHAIN[:3], *CHAIN[2:]], HEAD).finding) == ("inserted", 3)

    def test_at_the_end(self) -> None:
        """What follows the record that the head names was never written."""
        assert named(verified(CHAIN, head_of(CHAIN[:5])).finding) == ("inserted", 6)

    def test_from_another_chain(self) -> None:
        """Its own hash does not help it."""
        links = [*CHAIN[:2], *a_chain(3, chain="games")[2:], *CHAIN[3:]]

        assert named(verified(links, HEAD).finding) == ("inserted", 3)


class TestCutOff:
    @pytest.mark.parametrize("left", range(6))
    def test_against_the_head(self, left: int) -> None:
        """The first record that lacks is named."""
        assert named(verified(CHAIN[:left], HEAD).finding) == ("cut-off", left + 1)

    @pytest.mark.parametrize("left", range(6))
    def test_against_a_checkpoint(self, left: int) -> None:
        """With the head set back as well, the chain looks whole to all but the checkpoint."""
        links = CHAIN[:left]

        verdict = verified(links, head_of(links), checkpoint(CHAIN, 6))

        assert verified(links, head_of(links)).finding is None
        assert named(verdict.finding) == ("cut-off", left + 1)


class TestRewritten:
    @pytest.mark.parametrize("sequence", range(1, 7))
    def test_whole_from_a_record_on(self, sequence: int) -> None:
        """With records, hashes and head all new, the first checkpoint after it disagrees."""
        links = rewritten(CHAIN, sequence)
        checkpoints = [checkpoint(CHAIN, 2), checkpoint(CHAIN, 5), checkpoint(CHAIN, 6)]

        verdict = verified(links, head_of(links), *checkpoints)

        assert verified(links, head_of(links)).finding is None
        disagrees = next(one for one in (2, 5, 6) if one >= sequence)
        assert named(verdict.finding) == ("rewritten", disagrees)

    def test_tells_since_when_it_may_be(self) -> None:
        """The checkpoint before, which agrees, bounds it."""
        links = rewritten(CHAIN, 4)

        finding = verified(
            links, head_of(links), checkpoint(CHAIN, 2), checkpoint(CHAIN, 6)
        ).finding

        assert finding is not None
        assert finding.message == (
            "Record 6 is not the one that the checkpoint of 2026-11-22 12:00:00 UTC knows: "
            "it, or one from record 3 on, was rewritten."
        )


class TestHead:
    def test_missing(self) -> None:
        """Without one, nobody knows where the chain should end."""
        assert named(verified(CHAIN, None).finding) == ("head", 6)

    def test_with_another_hash(self) -> None:
        """It or the last record is not true."""
        assert named(verified(CHAIN, replace(HEAD, hash="f" * 64)).finding) == ("head", 6)
