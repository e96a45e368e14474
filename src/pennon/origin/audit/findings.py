"""What can be found wrong with a chain, each in a sentence."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pennon.origin.audit.links import Checkpoint
from pennon.origin.schemas import moment

Kind = Literal["altered", "missing", "reordered", "inserted", "cut-off", "rewritten", "head"]


class Finding(Struct, frozen=True, kw_only=True):
    """The first thing wrong with a chain: the number of the record, its kind, and a sentence."""

    sequence: int
    kind: Kind
    message: str


def altered(sequence: int) -> Finding:
    return _finding(sequence, "altered", "was altered: its contents do not have its hash.")


def replaced(sequence: int) -> Finding:
    return _finding(
        sequence, "altered", "was replaced together with its hash: its neighbours know another."
    )


def renumbered(sequence: int, number: int) -> Finding:
    return _finding(sequence, "altered", f"was altered: it bears the number {number}.")


def unreadable(sequence: int, why: str) -> Finding:
    return _finding(sequence, "altered", f"was altered: it cannot be read, since {why}.")


def missing(first: int, last: int) -> Finding:
    if first == last:
        return _finding(first, "missing", "is missing.")
    return Finding(
        sequence=first, kind="missing", message=f"Records {first} to {last} are missing."
    )


def displaced(sequence: int, other: int | None) -> Finding:
    instead = "another record" if other is None else f"record {other}"
    return _finding(
        sequence, "reordered", f"stands further on; {instead} has been put in its place."
    )


def inserted(sequence: int) -> Finding:
    return _finding(
        sequence, "inserted", "stands there twice: the second is the true one, or a copy."
    )


def foreign(sequence: int, chain: str) -> Finding:
    return _finding(sequence, "inserted", f"was put in from another chain, {chain!r}.")


def beyond_head(sequence: int, head: int) -> Finding:
    return _finding(
        sequence, "inserted", f"was inserted: the head says that the chain ends at record {head}."
    )


def cut_off(last: int, head: int) -> Finding:
    return Finding(
        sequence=last + 1,
        kind="cut-off",
        message=f"{_ends_after(last)}: its head says that it goes on to record {head}.",
    )


def shorter_than(checkpoint: Checkpoint, last: int) -> Finding:
    return Finding(
        sequence=last + 1,
        kind="cut-off",
        message=f"{_ends_after(last)}, and its head was set back: "
        f"{_signed(checkpoint)} knows a record {checkpoint.sequence}.",
    )


def rewritten(checkpoint: Checkpoint, since: int) -> Finding:
    sequence = checkpoint.sequence
    which = "it" if since >= sequence else f"it, or one from record {since} on,"
    return _finding(
        sequence,
        "rewritten",
        f"is not the one that {_signed(checkpoint)} knows: {which} was rewritten.",
    )


def another_head(last: int, head: int) -> Finding:
    if last == head:
        message = f"The head has another hash than record {last}: one of the two was altered."
    else:
        message = f"The head ends at record {head}, and the chain goes on to record {last}."
    return Finding(sequence=last, kind="head", message=message)


def headless(last: int) -> Finding:
    return Finding(sequence=last, kind="head", message="The chain's head is missing or unreadable.")


def _finding(sequence: int, kind: Kind, what: str) -> Finding:
    return Finding(sequence=sequence, kind=kind, message=f"Record {sequence} {what}")


def _ends_after(last: int) -> str:
    return f"The chain is cut off after record {last}" if last else "The chain has no record"


def _signed(checkpoint: Checkpoint) -> str:
    return f"the checkpoint of {moment(checkpoint.at):%Y-%m-%d %H:%M:%S} UTC"
