"""What came of a simulation: pure figures, and how they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import quantiles

from msgspec import Struct
from rich.table import Table
from rich.text import Text

from pennon.simulate.orders import Notes
from pennon.simulate.scenario import Region


class Spread(Struct, frozen=True, rename="camel"):
    """How long changes took to be applied by some PoPs, in ms after the commit."""

    name: str
    pops: int
    applied: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    max_ms: int | None = None
    reconnects: int = 0
    full_syncs: int = 0
    expected_p99_ms: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the PoPs were as fast as was expected of them."""
        if self.expected_p99_ms is None:
            return True
        return self.p99_ms is not None and self.p99_ms <= self.expected_p99_ms


class Result(Struct, frozen=True, rename="camel"):
    """The whole outcome. *received* is the bytes that all PoPs read, HTTP framing left out."""

    title: str
    seed: int
    pops: int
    connectors: int
    changes: int
    failed_changes: int
    received: int
    spreads: tuple[Spread, ...]
    astray: tuple[str, ...]
    """PoPs whose position or digest was not the origin's in the end."""
    missing: tuple[str, ...]
    """PoPs without a receipt for the last change."""
    settled_seconds: float

    @property
    def passed(self) -> bool:
        """Whether every PoP converged with a receipt, as fast as expected."""
        kept = all(spread.kept for spread in self.spreads)
        return kept and not self.astray and not self.missing and self.changes > 0


def spreads_of(
    notes: Iterable[Notes], regions: Iterable[Region], disturbed: frozenset[str], first: int
) -> Iterator[Spread]:
    """
    Yield the spread of each region, those of its PoPs that a step disturbed apart.

    Changes before version *first* are not counted: they made the environment.
    """
    held = list(notes)
    for region in regions:
        here = [one for one in held if one.region == region.name]
        calm = [one for one in here if one.name not in disturbed]
        rough = [one for one in here if one.name in disturbed]
        if calm:
            yield _spread(region.name, calm, first, region.expect_p99_ms)
        if rough:
            yield _spread(f"{region.name}, disturbed", rough, first, None)


def result_text(result: Result) -> Table:
    """Return the figures as a table."""
    table = Table(title=result.title, title_justify="left", box=None, pad_edge=False)
    for head in ("", "PoPs", "applied", "p50 ms", "p99 ms", "max ms", "reconnects", "full syncs"):
        table.add_column(head, justify="right" if head else "left")
    for one in result.spreads:
        slow = "" if one.kept else f" (expected {one.expected_p99_ms:g})"
        table.add_row(
            one.name,
            str(one.pops),
            str(one.applied),
            _ms(one.p50_ms),
            _ms(one.p99_ms) + slow,
            _ms(one.max_ms),
            str(one.reconnects),
            str(one.full_syncs),
        )
    return table


def verdict_text(result: Result) -> Text:
    """Return what to make of it, in sentences."""
    lines = [
        f"{result.changes} changes, {result.failed_changes} not answered by the origin; "
        f"{result.received / max(result.pops, 1) / 1024:.1f} KB read by a PoP.",
        _all_or(result.astray, result.pops, "hold what the origin holds", "astray")
        + f" after {result.settled_seconds:.1f} s.",
        _all_or(result.missing, result.pops, "acknowledged the last change", "without a receipt")
        + ".",
    ]
    return Text("\n".join(lines))


def _all_or(names: tuple[str, ...], pops: int, whole: str, part: str) -> str:
    if not names:
        return f"All {pops} PoPs {whole}"
    shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return f"{len(names)} of {pops} PoPs {part}: {shown}"


def _spread(name: str, notes: list[Notes], first: int, expected: float | None) -> Spread:
    took = sorted(ms for one in notes for version, ms in one.applied if version >= first)
    cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
    return Spread(
        name=name,
        pops=len(notes),
        applied=len(took),
        p50_ms=round(cuts[49], 1) if took else None,
        p99_ms=round(cuts[98], 1) if took else None,
        max_ms=took[-1] if took else None,
        reconnects=sum(one.reconnects for one in notes),
        full_syncs=sum(one.full_syncs for one in notes),
        expected_p99_ms=expected,
    )


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
