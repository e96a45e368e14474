"""Evaluates for `pennon eval`, prints the answers, and fails where one is an error."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from pennon.cli.errors import CommandFailed
from pennon.cli.eval_context import read_context
from pennon.cli.eval_datafiles import Datafile
from pennon.cli.eval_options import ContextOptions, FlagSource
from pennon.cli.eval_source import load
from pennon.cli.eval_trace import explanation_text
from pennon.cli.eval_view import answer_table, answer_text, held_phrase
from pennon.cli.output import print_json, print_text
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.explain import explain
from pennon.evaluation.explain_steps import Explanation
from pennon.model.detail import Detail


def run(
    flag_key: str | None, whom: ContextOptions, source: FlagSource, *, told: bool, json: bool
) -> None:
    """Evaluate a flag, or all of them (None); *told* explains. Raises CommandFailed on an error."""
    context = read_context(whom)
    datafile = load(source)
    every = flag_key is None
    keys = datafile.ruleset.keys() if flag_key is None else [flag_key]
    answer = explain if told else evaluate
    answers = [answer(datafile.ruleset, key, context, datafile.members) for key in keys]
    if json:
        print_json({"items": answers} if every else answers[0])
    else:
        _print(answers, datafile, every=every)
    _fail_where_in_error([_detail(answer) for answer in answers], datafile, every=every)


def _print(answers: Sequence[Detail | Explanation], datafile: Datafile, *, every: bool) -> None:
    details = [answer for answer in answers if isinstance(answer, Detail)]
    if every and (details or not answers):
        print_text(f"{held_phrase(datafile)}\n")
        print_text(answer_table(details, datafile))
        return
    for answer in answers:
        if _detail(answer).error_code == "FLAG_NOT_FOUND":
            continue
        text = answer_text(_detail(answer), datafile)
        if isinstance(answer, Explanation):
            text.append("\n")
            text.append_text(explanation_text(answer))
            text.append("\n" if every else "")
        print_text(text)


def _fail_where_in_error(details: Sequence[Detail], datafile: Datafile, *, every: bool) -> None:
    """Raise CommandFailed where a flag answers an error: what was printed is no value."""
    wrong = [detail for detail in details if detail.error_code is not None]
    if not wrong:
        return
    if every:
        lines = [f"{detail.flag}: {detail.error_message}" for detail in wrong]
        raise CommandFailed(
            "\n".join([f"{len(wrong)} of {len(details)} flags are in error", *lines])
        )
    (detail,) = wrong
    raise CommandFailed("\n".join([detail.error_message or "", *_hints(detail, datafile)]))


def _hints(detail: Detail, datafile: Datafile) -> list[str]:
    match detail.error_code:
        case "FLAG_NOT_FOUND":
            near = get_close_matches(detail.flag, datafile.ruleset.keys(), n=1)
            return [f"Did you mean {near[0]}?"] if near else [f"Evaluated {held_phrase(datafile)}."]
        case "TARGETING_KEY_MISSING":
            return ["Say who it is with --user, and of what --kind where that is no user."]
    return []


def _detail(answer: Detail | Explanation) -> Detail:
    return answer.detail if isinstance(answer, Explanation) else answer
