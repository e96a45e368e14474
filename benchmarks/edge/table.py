"""Tables of figures beside their bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Bar(NamedTuple):
    """What is to be shown: that *figure*, in *unit*, is at least or at most *bar*."""

    what: str
    figure: float
    unit: str
    side: Literal["at least", "at most"]
    bar: float

    @property
    def holds(self) -> bool:
        """Whether the figure is on the right side of its bar."""
        return self.figure >= self.bar if self.side == "at least" else self.figure <= self.bar


def rows(
    title: str, heads: Sequence[str], lines: Sequence[tuple[str, Sequence[float | None]]]
) -> None:
    """Print a table: a name, and a figure under each head."""
    print(f"\n{title}")
    print(f"  {'':<30}" + "".join(f"{head:>14}" for head in heads))
    for name, figures in lines:
        print(f"  {name:<30}" + "".join(f"{_shown(figure):>14}" for figure in figures))


def bars(held: Sequence[Bar]) -> None:
    """Print each figure beside its bar, and their ratio."""
    print("\nBars")
    for bar in held:
        ratio = bar.figure / bar.bar
        verdict = "holds" if bar.holds else "FALLS SHORT"
        print(
            f"  {bar.what:<48}{_shown(bar.figure):>10} {bar.unit:<9}"
            f"{bar.side} {_shown(bar.bar):>7}  {ratio:6.2f} of it  {verdict}"
        )


def _shown(figure: float | None) -> str:
    if figure is None:
        return "–"
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:,.3g}"
