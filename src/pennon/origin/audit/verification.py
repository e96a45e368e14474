"""
Walks a chain and names the first record that is not as it was written.

Pure, and in constant memory: the records may come from a database or from an exported file. Only
once something is wrong is the rest of the chain read for what has become of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from pennon.origin.audit import findings
from pennon.origin.audit.displacement import displacement
from pennon.origin.audit.findings import Finding
from pennon.origin.audit.links import Checkpoint, Head, Link, Unreadable


class Verdict(Struct, frozen=True, kw_only=True):
    """
    What a walk over a chain has shown.

    `records` and `checkpoints` are those that hold, up to the first that does not, which is the
    `finding`; None when the whole chain is intact.
    """

    chain: str
    records: int
    checkpoints: int
    finding: Finding | None


def verify_chain(
    chain: str,
    head: Head | None,
    links: Iterable[Link | Unreadable],
    checkpoints: Iterable[Checkpoint] = (),
) -> Verdict:
    """Return whether *links* are the whole *chain*, as its *head* and *checkpoints* know it."""
    walk = _Walk(chain, head, checkpoints)
    finding = walk.over(iter(links))
    return Verdict(
        chain=chain, records=walk.last.sequence, checkpoints=walk.agreed, finding=finding
    )


class _Walk:
    """A walk along a chain; `last` is the last record that holds."""

    def __init__(self, chain: str, head: Head | None, checkpoints: Iterable[Checkpoint]) -> None:
        self.last = Head.before_first(chain)
        self.agreed = 0
        self._vouched = 0
        self._head = head
        self._checkpoints: dict[int, list[Checkpoint]] = {}
        for checkpoint in checkpoints:
            self._checkpoints.setdefault(checkpoint.sequence, []).append(checkpoint)

    def over(self, links: Iterator[Link | Unreadable]) -> Finding | None:
        """Go on until the first fault, or to the end."""
        if found := self._against_checkpoints():
            return found
        for link in links:
            if found := self._step(link, links):
                return found
        return self._at_end()

    def _step(self, link: Link | Unreadable, rest: Iterator[Link | Unreadable]) -> Finding | None:
        last = self.last
        expected = last.sequence + 1
        if last == self._head:
            return findings.beyond_head(expected, last.sequence)
        if isinstance(link, Unreadable):
            return findings.unreadable(expected, link.why)
        record = link.record
        whole = link.hash == link.stored
        if whole and record.chain != last.chain:
            return findings.foreign(expected, record.chain)
        if not whole or link.sequence != expected:
            return displacement(link, expected, rest)
        if record.previous != last.hash:
            return self._unconnected(link, rest)
        self.last = Head(chain=record.chain, sequence=expected, hash=link.hash)
        return self._against_checkpoints()

    def _unconnected(self, link: Link, rest: Iterator[Link | Unreadable]) -> Finding:
        """Two neighbours are whole and do not fit: the one that the record after knows is true."""
        expected = self.last.sequence + 1
        following = next(rest, None)
        if isinstance(following, Link):
            known = following.record.previous == link.stored
        else:
            known = self._head is not None and self._head.hash == link.stored
        return findings.replaced(expected - 1 if known and expected > 1 else expected)

    def _against_checkpoints(self) -> Finding | None:
        last = self.last
        for checkpoint in self._checkpoints.pop(last.sequence, ()):
            if checkpoint.hash != last.hash:
                return findings.rewritten(checkpoint, self._vouched + 1)
            self.agreed += 1
            self._vouched = last.sequence
        return None

    def _at_end(self) -> Finding | None:
        last, head = self.last, self._head
        if head is None:
            return findings.headless(last.sequence)
        if last.sequence < head.sequence:
            return findings.cut_off(last.sequence, head.sequence)
        if last != head:
            return findings.another_head(last.sequence, head.sequence)
        if self._checkpoints:
            beyond = self._checkpoints[max(self._checkpoints)]
            return findings.shorter_than(beyond[0], last.sequence)
        return None
