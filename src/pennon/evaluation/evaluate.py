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
from pennon.evaluation.run import Membership, Memberships, Run
from pennon.model.context import Context
from pennon.model.detail import Detail

_TOO_DEEP: Final = "The flag, or what it uses, nests too deep for the stack."


def evaluate(
    ruleset: Ruleset, flag_key: str, context: Context, memberships: Memberships | None = None
) -> Detail:
    """
    Return what *flag_key* serves *context*.

    *memberships* answers for segments whose members are kept outside the ruleset; without it a
    context is a member of none of them, and a detail that depends on one says so.
    """
    entry = ruleset.flags.get(flag_key)
    if entry is None:
        return error(flag_key, "FLAG_NOT_FOUND", f"There is no flag {flag_key!r}.")
    try:
        if memberships is None:
            return entry.serve(context.kinds, None)
        return _serve_asking(flag_key, entry, context.kinds, memberships)
    except (Malformed, NeedsRun, RecursionError) as fault:
        return _recover(flag_key, entry, context.kinds, fault)


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
    details = []
    # A copy, because another thread may be setting items.
    for flag_key, entry in list(ruleset.flags.items()):
        if client_side is not None and not entry.is_visible(client_side):
            continue
        try:
            if memberships is None:
                details.append(entry.serve(kinds, None))
            else:
                details.append(_serve_asking(flag_key, entry, kinds, memberships))
        except (Malformed, NeedsRun, RecursionError) as fault:
            details.append(_recover(flag_key, entry, kinds, fault))
    return details


def _serve_asking(
    flag_key: str, entry: FlagEntry, kinds: Kinds, memberships: Memberships
) -> Detail:
    run = Run(kinds, flag_key, memberships)
    detail = entry.serve(kinds, run)
    return replace(detail, membership_unknown=True) if run.unanswered else detail


def _recover(flag_key: str, entry: FlagEntry, kinds: Kinds, fault: Exception) -> Detail:
    """Return the answer where serving came to *fault*."""
    if isinstance(fault, NeedsRun):
        try:
            return _serve_asking(flag_key, entry, kinds, _no_answer)
        except (Malformed, RecursionError) as deeper:
            fault = deeper
    version = 0 if entry.flag is None else entry.flag.version
    message = f"Reached {fault}." if isinstance(fault, Malformed) else _TOO_DEEP
    return error(flag_key, "PARSE_ERROR", message, version)


def _no_answer(segment: str, key: str) -> Membership:
    return Membership.UNANSWERED
