"""
Explanation: why a flag serves a context what it serves, step by step.

It is evaluation told aloud: the same plans, operators and memory, walked by functions that write
down what they find. Nothing here is on the way of `evaluate`, and nothing answers differently.
"""

from __future__ import annotations

from contextlib import suppress

from msgspec.structs import replace

from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.explain_flags import FlagTracer
from pennon.evaluation.explain_segments import SegmentTracer
from pennon.evaluation.explain_steps import Explanation, FaultStep
from pennon.evaluation.faults import Malformed, NeedsRun
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships, Run
from pennon.model.context import Context
from pennon.model.members import Membership


def explain(
    ruleset: Ruleset, flag_key: str, context: Context, memberships: Memberships | None = None
) -> Explanation:
    """
    Return what `evaluate` answers for the same arguments, and every step that led there.

    It never raises. What is nested too deep to be told is answered without its steps.
    """
    if flag_key not in ruleset:
        return Explanation(detail=evaluate(ruleset, flag_key, context))
    try:
        if memberships is None:
            try:
                return _explain(ruleset, flag_key, context, None)
            except NeedsRun:
                memberships = _no_answer
        return _explain(ruleset, flag_key, context, memberships)
    except RecursionError:
        detail = evaluate(ruleset, flag_key, context, memberships)
        fault = FaultStep(fault="The flag, or what it uses, nests too deep to be told.")
        return Explanation(detail=detail, steps=(fault,))


def _explain(
    ruleset: Ruleset, flag_key: str, context: Context, memberships: Memberships | None
) -> Explanation:
    segments = SegmentTracer(ruleset.tables, memberships)
    flags = FlagTracer(ruleset, segments)
    run = None if memberships is None else Run(context.kinds, flag_key, segments.membership)
    with suppress(Malformed):  # the trace says so too
        flags[flag_key].serve(context.kinds, run)
    trace = flags.traces.pop(flag_key)
    unknown = run is not None and run.unanswered
    return Explanation(
        detail=replace(trace.detail, membership_unknown=True) if unknown else trace.detail,
        steps=trace.steps,
        flags=flags.traces,
        segments=segments.traces,
    )


def _no_answer(segment: str, key: str) -> Membership:
    return Membership.UNANSWERED
