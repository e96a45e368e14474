"""What applying would do, as it is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.text import Text

from pennon.cli.configuration_client import ChangeView, ItemView, PlanView
from pennon.cli.history_view import difference_lines

_SIGNS: Final = {
    "create": ("+", "green"),
    "change": ("~", "yellow"),
    "restore": ("+", "green"),
    "archive": ("-", "red"),
}
_REMARKS: Final = {"restore": ", which was archived, is brought back", "archive": " is archived"}
_SHOWN: Final = 10
_MOST: Final = 100
"""The most differences of one thing that are drawn: somebody may have added 10,000 keys."""


def plan_text(plan: PlanView, project: str, url: str, *, whole: bool, prune: bool) -> Text:
    """
    Return a line for each thing that changes, its differences, and how many there are.

    What is not in the files is told of those of a *whole* project.
    """
    text = Text()
    text.append(project, style="bold")
    text.append(f" at {url}\n")
    for change in plan.changes:
        _draw(text, change)
    counts = Counter(change.action for change in plan.changes)
    told = [f"{counts[action]} to {action}" for action in _SIGNS if counts[action]]
    if plan.unchanged:
        told[-1:] = [f"{(told or ['Nothing is different'])[-1]}; {plan.unchanged} so already"]
    text.append(f"{', '.join(told) or 'Nothing is different'}.\n", style="bold")
    if whole:
        text.append(_left_alone(plan.left_alone, prune=prune))
    if plan.lacking:
        text.append(f"To apply it takes {', '.join(plan.lacking)}, which you do not have.\n")
    return text


def _draw(text: Text, change: ChangeView) -> None:
    sign, style = _SIGNS[change.action]
    text.append(f"{sign} {change.kind} {change.key}", style=style)
    text.append(f"{_REMARKS.get(change.action, '')}\n")
    if change.diff and change.action != "archive":
        for line in difference_lines(change.diff[:_MOST]).split("\n", allow_blank=False):
            text.append("  ").append_text(line).append("\n")
        if len(change.diff) > _MOST:
            text.append(f"    and {len(change.diff) - _MOST} more; --json has them all\n")


def _left_alone(items: Sequence[ItemView], *, prune: bool) -> str:
    """Return what stays as it is, since nobody says anything of it."""
    if not items:
        return ""
    shown = ", ".join(f"the {one.kind} {one.key}" for one in items[:_SHOWN])
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    prunable = not prune and any(one.kind != "environment" for one in items)
    hint = " (--prune archives flags and segments)" if prunable else ""
    return f"Not in the files, left alone: {shown}{more}{hint}.\n"
