"""An answer as `pennon eval` draws it: a block for one flag, a table for all."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from pennon.cli.eval_datafiles import Datafile
from pennon.cli.eval_words import json_text
from pennon.model.detail import Detail

_LONGEST_CELL = 60


def answer_text(detail: Detail, datafile: Datafile) -> Text:
    """Return the value, the variation, the reason, and which flags were evaluated."""
    text = Text()
    text.append(detail.flag, style="bold")
    if detail.variation is None:
        text.append(" has no value: the caller's default applies\n")
    else:
        text.append(" = ")
        text.append(f"{json_text(detail.value)}\n", style="bold cyan")
        _line(text, "variation", detail.variation)
    _line(text, "reason", reason_phrase(detail, datafile))
    if detail.in_experiment:
        _line(text, "experiment", "counted")
    if detail.membership_unknown:
        _line(text, "unknown", "who is in a segment whose members are kept elsewhere")
    _line(text, "from", held_phrase(datafile))
    return text


def answer_table(details: Iterable[Detail], datafile: Datafile) -> Table:
    """Return a row for each flag."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("FLAG", "VALUE", "VARIATION", "REASON"):
        table.add_column(heading, overflow="fold")
    for detail in details:
        table.add_row(
            detail.flag,
            Text("" if detail.variation is None else json_text(detail.value, _LONGEST_CELL)),
            detail.variation or Text("none", style="dim"),
            Text(reason_phrase(detail, datafile), style="red" if detail.error_code else ""),
        )
    return table


def reason_phrase(detail: Detail, datafile: Datafile) -> str:
    """Return ``RULE_MATCH: rule 1, Pilot countries, and its split``."""
    split = ", and its split" if detail.split else ""
    match detail.reason:
        case "OFF":
            why = "the flag is off"
        case "PREREQUISITE_FAILED":
            why = f"it requires {detail.prerequisite}"
        case "TARGET_MATCH":
            why = "listed by key"
        case "RULE_MATCH":
            why = f"{_rule_phrase(detail, datafile)}{split}"
        case "FALLTHROUGH":
            why = f"the default{split}"
        case "ERROR":
            why = detail.error_code or ""
    return f"{detail.reason}: {why}"


def held_phrase(datafile: Datafile) -> str:
    """Return which flags were evaluated: ``shop/production at version 42, flags.json``."""
    environment = datafile.environment or "an environment"
    return f"{environment} at version {datafile.ruleset.version}, {datafile.held}"


def _rule_phrase(detail: Detail, datafile: Datafile) -> str:
    flag, index = datafile.ruleset.flag(detail.flag), detail.rule_index
    if flag is None or index is None:
        return str(detail.rule_id)
    return f"rule {index + 1}, {flag.rules[index].name or detail.rule_id}"


def _line(text: Text, name: str, value: str) -> None:
    text.append(f"  {name:<12}", style="dim")
    text.append(f"{value}\n")
