"""What each instruction does to a segment's membership, and where its work stands. Pure."""

from __future__ import annotations

from typing import assert_never

from msgspec import UNSET
from msgspec.structs import replace

from pennon.model.strict import Members, SegmentRule
from pennon.origin.instructions import Places, RemoveRule, ReorderRules
from pennon.origin.key_lists import with_keys, without_keys
from pennon.origin.rule_lists import inserted, place_of, removed, reordered, replaced
from pennon.origin.segments.instructions import (
    AddMembers,
    AddSegmentRule,
    RemoveMembers,
    SegmentInstruction,
    UpdateSegmentRule,
)
from pennon.origin.segments.schemas import Membership


def apply(membership: Membership, instruction: SegmentInstruction) -> Membership:
    """
    Return *membership* once *instruction* is carried out, equal if there was nothing to do.

    Raises BadInput, with a path in the instruction, where it names what is not there. Whether
    the result is sound is not asked here.
    """
    rules = membership.rules
    match instruction:
        case AddMembers() | RemoveMembers():
            return _members(membership, instruction)
        case AddSegmentRule(rule=new):
            rule = SegmentRule(
                id=new.id or "", when=new.when, weight=new.weight, by=new.by, kind=new.kind
            )
            rules = inserted(rules, rule, instruction.before, instruction.after)
        case UpdateSegmentRule():
            place = place_of(rules, instruction.rule_id)
            rules = replaced(rules, place, _changed(rules[place], instruction))
        case RemoveRule():
            rules = removed(rules, instruction.rule_id)
        case ReorderRules():
            rules = reordered(rules, instruction.rule_ids)
        case _:
            assert_never(instruction)
    return replace(membership, rules=rules)


def places(instruction: SegmentInstruction, after: Membership) -> Places:
    """Yield paths in *after* with those in *instruction* that they come from."""
    match instruction:
        case AddMembers():
            entries = after.include if instruction.list == "include" else after.exclude
            for place, entry in enumerate(entries):
                if entry.kind == instruction.context_kind:
                    yield f"$.{instruction.list}[{place}].kind", "$.contextKind"
                    yield f"$.{instruction.list}[{place}]", "$"
        case AddSegmentRule(rule=new):
            for place, rule in enumerate(after.rules):
                if rule.id == (new.id or ""):
                    yield f"$.rules[{place}]", "$.rule"
            yield "$.rules", "$.rule.when"
        case UpdateSegmentRule(rule_id=id):
            for place, rule in enumerate(after.rules):
                if rule.id == id:
                    yield f"$.rules[{place}].kind", "$.contextKind"
                    yield f"$.rules[{place}]", "$"
            yield "$.rules", "$.when"
        case _:
            pass


def _members(membership: Membership, asked: AddMembers | RemoveMembers) -> Membership:
    def meant(one: Members) -> bool:
        return one.kind == asked.context_kind

    lists = {"include": membership.include, "exclude": membership.exclude}
    if isinstance(asked, RemoveMembers):
        lists[asked.list] = without_keys(lists[asked.list], asked.keys, meant)
    else:
        other = "exclude" if asked.list == "include" else "include"
        lists[other] = without_keys(lists[other], asked.keys, meant)
        new = Members(kind=asked.context_kind)
        lists[asked.list] = with_keys(lists[asked.list], asked.keys, new)
    return replace(membership, **lists)


def _changed(rule: SegmentRule, asked: UpdateSegmentRule) -> SegmentRule:
    fields = {
        "when": asked.when,
        "weight": asked.weight,
        "by": asked.by,
        "kind": asked.context_kind,
    }
    given = {name: value for name, value in fields.items() if value is not UNSET}
    return replace(rule, **given)
