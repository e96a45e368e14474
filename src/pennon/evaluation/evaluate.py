"""
Evaluation: what a flag serves a context, and why.

The rules themselves are in `interpret`, which reads like the specification. This is the door to
them: it looks the flag up, calls the function that was made for it, and turns whatever goes wrong
into a reason. It never raises and never hangs, and it does no I/O, reads no clock and draws no
random number.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pennon.evaluation.entries import ClientKind, FlagEntry, Kinds
from pennon.evaluation.faults import Malformed, NeedsRun, error
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships, Run
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.members import Membership

_TOO_DEEP: Final = "The flag, or what it uses, nests too deep for the stack."


def evaluate(
    ruleset: Ruleset, flag_key: str, context: Context, memberships: Memberships | None = None
) -> Detail:
    """
    Return what *flag_key* serves *context*.

    *memberships* answers for segments whose members are kept outside the ruleset; without it a
    context is a member of none of them, and a detail that depends on one says so. It costs nothing
    where no such segment is reached.
    """
    try:
        entry = ruleset.flags[flag_key]
    except KeyError:
        return error(flag_key, "FLAG_NOT_FOUND", f"There is no flag {flag_key!r}.")
    try:
        # Two steps: CPython reads a slot faster than it looks up a method there.
        serve = entry.serve
        return serve(context.kinds, None)
    except (Malformed, NeedsRun, RecursionError) as fault:
        return _recover(entry, context.kinds, fault, memberships)


def evaluate_all(
    ruleset: Ruleset,
    context: Context,
    *,
    client_side: ClientKind | None = None,
    memberships: Memberships | None = None,
) -> list[Detail]:
    """
    Return what every flag serves *context*, in the order of the ruleset.

    *client_side* leaves out the flags that client-side keys of that kind may not see.
    """
    kinds = context.kinds
    # A copy, because another thread may be setting items.
    entries = list(ruleset.flags.values())
    if client_side is not None:
        entries = [entry for entry in entries if entry.is_visible(client_side)]
    details = []
    for entry in entries:
        serve = entry.serve
        try:
            details.append(serve(kinds, None))
        except (Malformed, NeedsRun, RecursionError) as fault:
            details.append(_recover(entry, kinds, fault, memberships))
    return details


def _recover(
    entry: FlagEntry, kinds: Kinds, fault: Exception, memberships: Memberships | None
) -> Detail:
    """Return the answer where serving came to *fault*."""
    if isinstance(fault, NeedsRun):
        return _serve_asking(entry, kinds, memberships or _no_answer)
    return _in_error(entry, fault)


def _serve_asking(entry: FlagEntry, kinds: Kinds, memberships: Memberships) -> Detail:
    """Return the answer, marked where it may hang on a question that was not answered."""
    run = Run(kinds, entry.key, memberships)
    try:
        detail = entry.serve(kinds, run)
    except (Malformed, RecursionError) as fault:
        detail = _in_error(entry, fault)
    return replace(detail, membership_unknown=True) if run.unanswered else detail


def _in_error(entry: FlagEntry, fault: Exception) -> Detail:
    version = 0 if entry.flag is None else entry.flag.version
    message = f"Reached {fault}." if isinstance(fault, Malformed) else _TOO_DEEP
    return error(entry.key, "PARSE_ERROR", message, version)


def _no_answer(segment: str, key: str) -> Membership:
    return Membership.UNANSWERED
