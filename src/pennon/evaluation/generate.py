"""
Turns plans into functions: one a flag, with all that can be known already worked out.

`interpret` says what a plan means; the functions made here answer the same, several times faster.
What is too large for one function is asked question by question, each a function of its own.
"""

from __future__ import annotations

from hashlib import sha1

from pennon.evaluation.attributes import KEY
from pennon.evaluation.entries import Contains, Serve
from pennon.evaluation.generate_conditions import all_hold, hold_first
from pennon.evaluation.generate_questions import (
    MAX_SIZE,
    questions_of_rules,
    questions_of_segment_rules,
    weight,
)
from pennon.evaluation.plan import FlagPlan, Keys, Outcome, SegmentPlan, Split
from pennon.evaluation.source import Source


def generate_serve(flag: FlagPlan, limit: int = MAX_SIZE) -> Serve:
    """Return the function that serves *flag*; none that it uses is larger than *limit*."""
    source = Source()
    if not flag.enabled:
        source.line(f"return {source.constant(flag.off)}")
        return _bind_serve(source)
    if flag.requires:
        source.line("if run is None:")
        source.line(f"    run = Run(kinds, {source.constant(flag.key)})")
    for requirement in flag.requires:
        with source.block(f"if not run.holds({source.constant(requirement)}):"):
            source.line(f"return {source.constant(requirement.failed)}")
    for target in flag.targets:
        with source.block(f"if {_lists(source, target.members)}:"):
            source.line(f"return {source.constant(target.served)}")
    for index, rule in enumerate(flag.rules):
        if source.size + weight(rule.when, limit) > limit:
            place = source.constant(questions_of_rules(flag.rules[index:], flag.default, limit))
            source.line(f"return outcome(follow({place}, kinds, run), kinds)")
            return _bind_serve(source)
        if rule.when:
            hold_first(source, rule.when[0])
        with source.block(f"if {all_hold(source, rule.when)}:"):
            _return(source, rule.outcome)
    _return(source, flag.default)
    return _bind_serve(source)


def generate_contains(segment: SegmentPlan, limit: int = MAX_SIZE) -> Contains:
    """Return the function that says whether *segment* contains a context; *limit* as above."""
    source = Source(in_segment=True)
    if segment.external is not None:
        asked = f"{source.constant(segment.key)}, {source.constant(segment.external)}"
        source.line(f"member = external_member({asked}, kinds, run)")
        with source.block("if member is not None:"):
            source.line("return member")
    for members, answer in ((segment.include, True), (segment.exclude, False)):
        for keys in members:
            with source.block(f"if {_lists(source, keys)}:"):
                source.line(f"return {answer}")
    for index, rule in enumerate(segment.rules):
        if source.size + weight(rule.when, limit) > limit:
            place = source.constant(questions_of_segment_rules(segment.rules[index:], limit))
            source.line(f"return follow({place}, kinds, run)")
            return _bind_contains(source)
        if rule.when:
            hold_first(source, rule.when[0])
        holds = all_hold(source, rule.when)
        if rule.share is not None:
            holds += f" and in_share({source.constant(rule.share)}, kinds)"
        with source.block(f"if {holds}:"):
            source.line("return True")
    source.line("return False")
    return _bind_contains(source)


def _lists(source: Source, members: Keys) -> str:
    key = source.hold(members.kind, KEY)
    inline = f"{key} in {source.constant(members.keys)}"
    return f"({inline} if {key}.__class__ is str else lists({source.constant(members)}, kinds))"


def _return(source: Source, outcome: Outcome) -> None:
    if isinstance(outcome, Split):
        _return_split(source, outcome)
    else:
        source.line(f"return {source.constant(outcome)}")


def _return_split(source: Source, split: Split) -> None:
    """Hash a string right here; where that fails, or a key is empty, the interpreter answers."""
    with source.block("try:"):
        source.line(f"value = {source.demand(split.kind, split.reference)}")
        # A copy of the hash that has read the prefix costs less than to begin anew.
        source.line(f"hashed = {source.constant(sha1(split.prefix))}.copy()")
        source.line("hashed.update(value.encode())")
        with source.block("if value:" if split.without_key is not None else "if True:"):
            source.line(f"return {_chosen(source, split)}")
    # No such kind or attribute, no string, half of a surrogate pair: all are rare.
    with source.block("except Exception:"):
        source.line("pass")
    source.line(f"return split({source.constant(split)}, kinds)")


def _chosen(source: Source, split: Split) -> str:
    if len(split.served) != 2:
        index = f"bisect_right({source.constant(split.bounds[:-1])}, hashed.digest())"
        return f"{source.constant(split.served)}[{index}]"
    below = f"hashed.digest() < {source.constant(split.bounds[0])}"
    first, second = map(source.constant, split.served)
    return f"{first} if {below} else {second}"


def _bind_serve(source: Source) -> Serve:
    serve: Serve = source.bind()
    return serve


def _bind_contains(source: Source) -> Contains:
    contains: Contains = source.bind()
    return contains
