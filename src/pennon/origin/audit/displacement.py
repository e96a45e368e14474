"""What became of a record that does not stand where it was written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

from pennon.origin.audit import findings
from pennon.origin.audit.findings import Finding
from pennon.origin.audit.links import Link, Unreadable


def displacement(link: Link, expected: int, rest: Iterator[Link | Unreadable]) -> Finding:
    """
    Explain *link*, which is found where the record *expected* should be and is not that one.

    A record whose number was changed has its old hash still, so every number is tried that the
    chain may have given it, while the *rest* is searched for the record that belongs here.
    """
    number = link.sequence
    was = number if link.hash == link.stored else None
    elsewhere = False
    # a number for each record that came before, for this one, for one that lacks, for each after
    for candidate, other in enumerate(chain(repeat(None, expected + 1), rest), start=1):
        if was is None and link.was_written_as(candidate):
            was = candidate
        elsewhere = elsewhere or (isinstance(other, Link) and _is_record(other, expected))
    if was == expected:
        return findings.renumbered(expected, number)
    if was is not None and was < expected:
        return findings.inserted(was)
    if elsewhere:
        return findings.displaced(expected, was)
    if was is not None:
        return findings.missing(expected, was - 1)
    if number > expected:
        return findings.missing(expected, number - 1)
    return findings.altered(expected)


def _is_record(link: Link, sequence: int) -> bool:
    if link.hash == link.stored:
        return link.sequence == sequence
    return link.was_written_as(sequence)
