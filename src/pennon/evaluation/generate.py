"""
Turns plans into functions: one a flag, with all that can be known already worked out.

`interpret` says what a plan means; the functions made here answer the same, several times faster.
A plan too large for that stays with the interpreter.
"""

from __future__ import annotations

from hashlib import sha1
from typing import Any, Final

from pennon.evaluation import interpret
from pennon.evaluation.attributes import KEY
from pennon.evaluation.entries import Contains, Kinds, Serve
from pennon.evaluation.generate_conditions import all_hold, hold_first
from pennon.evaluation.plan import FlagPlan, Keys, Outcome, SegmentPlan, Split
from pennon.evaluation.run import Run
from pennon.evaluation.source import Source
from pennon.model.detail import Detail

MAX_SIZE: Final = 800
"""How many values a function may use; a larger one takes long to make."""


def generate_serve(flag: FlagPlan) -> Serve:
    """Return the function that serves *flag*."""
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
    for rule in flag.rules:
        if source.size > MAX_SIZE:
            return _interpreted_serve(flag)
        if rule.when:
            hold_first(source, rule.when[0])
        with source.block(f"if {all_hold(source, rule.when)}:"):
            _return(source, rule.outcome)
    _return(source, flag.default)
    return _bind_serve(source)


def generate_contains(segment: SegmentPlan) -> Contains:
    """Return the function that says whether *segment* contains a context."""
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
    for rule in segment.rules:
        if source.size > MAX_SIZE:
            return _interpreted_contains(segment)
        if rule.when:
            hold_first(source, rule.when[0])
        holds = all_hold(source, rule.when)
        if rule.share is not None:
            holds += f" and in_share({source.constant(rule.share)}, kinds)"
        with source.block(f"if {holds}:"):
            source.line("return True")
    source.line("return False")
    contains: Contains = source.bind()
    return contains


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


def _interpreted_serve(flag: FlagPlan) -> Serve:
    def serve(kinds: Kinds, run: Run | None) -> Detail:
        return interpret.serve(flag, kinds, run)

    return serve


def _interpreted_contains(segment: SegmentPlan) -> Contains:
    def contains(kinds: Kinds, run: Run | None) -> Any:
        return interpret.contains(segment, kinds, run)

    return contains
