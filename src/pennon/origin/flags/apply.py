"""What each instruction does to a flag's targeting. Pure."""

from __future__ import annotations

from typing import Any, assert_never

from msgspec import UNSET
from msgspec.structs import replace

from pennon.errors import BadInput
from pennon.model.strict import Prerequisite, Rule, Serve, Target
from pennon.origin.flags.instructions import (
    AddPrerequisite,
    AddRule,
    AddTargets,
    FlagInstruction,
    RemovePrerequisite,
    RemoveTargets,
    ReplaceTargets,
    SetDefault,
    SetOff,
    SetSplit,
    SetTrack,
    TurnOff,
    TurnOn,
    UpdateRule,
)
from pennon.origin.flags.schemas import Targeting
from pennon.origin.instructions import RemoveRule, ReorderRules
from pennon.origin.key_lists import keys_of, with_keys, without_keys
from pennon.origin.rule_lists import inserted, place_of, removed, reordered, replaced


def apply(targeting: Targeting, instruction: FlagInstruction) -> Targeting:
    """
    Return *targeting* once *instruction* is carried out, equal if there was nothing to do.

    Raises BadInput, with a path in the instruction, where it names what is not there. Whether
    the result is sound is not asked here.
    """
    match instruction:
        case TurnOn():
            return replace(targeting, enabled=True)
        case TurnOff():
            return replace(targeting, enabled=False)
        case SetOff(variation=variation):
            return replace(targeting, off=variation)
        case SetDefault(variation=variation):
            return replace(targeting, default=Serve(variation=variation))
        case SetSplit():
            return _split(targeting, instruction)
        case AddRule() | UpdateRule() | RemoveRule() | ReorderRules():
            return replace(targeting, rules=_rules(targeting.rules, instruction))
        case AddTargets() | RemoveTargets() | ReplaceTargets():
            return replace(targeting, targets=_targets(targeting.targets, instruction))
        case AddPrerequisite() | RemovePrerequisite():
            return replace(targeting, requires=_requires(targeting.requires, instruction))
        case SetTrack(track=track):
            return replace(targeting, track=track)
        case _:
            assert_never(instruction)


def _split(targeting: Targeting, asked: SetSplit) -> Targeting:
    if asked.rule_id is None:
        return replace(targeting, default=_resplit(targeting.default, asked))
    place = place_of(targeting.rules, asked.rule_id)
    rule = targeting.rules[place]
    changed = replace(rule, serve=_resplit(rule.serve, asked))
    return replace(targeting, rules=replaced(targeting.rules, place, changed))


def _resplit(serve: Serve, asked: SetSplit) -> Serve:
    start = Serve() if serve.split is None else serve
    fields = {
        "by": asked.by,
        "kind": asked.context_kind,
        "seed": asked.seed,
        "experiment": asked.experiment,
    }
    return replace(start, split=asked.split, **_given(fields))


def _rules(
    rules: tuple[Rule, ...], asked: AddRule | UpdateRule | RemoveRule | ReorderRules
) -> tuple[Rule, ...]:
    match asked:
        case AddRule(rule=new):
            rule = Rule(id=new.id or "", name=new.name, when=new.when, serve=new.serve)
            return inserted(rules, rule, asked.before, asked.after)
        case UpdateRule():
            place = place_of(rules, asked.rule_id)
            fields = {"name": asked.name, "when": asked.when, "serve": asked.serve}
            return replaced(rules, place, replace(rules[place], **_given(fields)))
        case RemoveRule():
            return removed(rules, asked.rule_id)
        case ReorderRules():
            return reordered(rules, asked.rule_ids)


def _targets(
    targets: tuple[Target, ...], asked: AddTargets | RemoveTargets | ReplaceTargets
) -> tuple[Target, ...]:
    new = Target(variation=asked.variation, kind=asked.context_kind)

    def meant(one: Target) -> bool:
        return (one.variation, one.kind) == (new.variation, new.kind)

    def rival(one: Target) -> bool:
        return one.variation != new.variation and one.kind == new.kind

    if isinstance(asked, RemoveTargets):
        return without_keys(targets, asked.keys, meant)
    if isinstance(asked, ReplaceTargets):
        targets = without_keys(targets, keys_of(targets, meant).difference(asked.keys), meant)
    return with_keys(without_keys(targets, asked.keys, rival), asked.keys, new)


def _requires(
    requires: tuple[Prerequisite, ...], asked: AddPrerequisite | RemovePrerequisite
) -> tuple[Prerequisite, ...]:
    places = [place for place, one in enumerate(requires) if one.flag == asked.flag]
    others = [one for one in requires if one.flag != asked.flag]
    if isinstance(asked, AddPrerequisite):
        others.insert(
            places[0] if places else len(others), Prerequisite(flag=asked.flag, is_=asked.is_)
        )
    elif not places:
        known = ", ".join(repr(one.flag) for one in requires) or "of which there are none"
        raise BadInput.at("$.flag", f"expected a prerequisite ({known}), got {asked.flag!r}")
    return tuple(others)


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not UNSET}
