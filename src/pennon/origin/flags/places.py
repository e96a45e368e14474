"""Where in a targeting the work of an instruction stands, so that faults name the instruction."""

from __future__ import annotations

from pennon.origin.flags.instructions import (
    AddPrerequisite,
    AddRule,
    AddTargets,
    FlagInstruction,
    ReplaceTargets,
    SetDefault,
    SetOff,
    SetSplit,
    UpdateRule,
)
from pennon.origin.flags.schemas import Targeting
from pennon.origin.instructions import Places


def places(instruction: FlagInstruction, after: Targeting) -> Places:
    """Yield paths in *after* with those in *instruction* that they come from."""
    match instruction:
        case SetOff():
            yield "$.off", "$.variation"
        case SetDefault():
            yield "$.default", "$"
        case SetSplit(rule_id=None):
            yield from _split("$.default")
        case SetSplit(rule_id=str(id)):
            yield from (pair for at in _rule(after, id) for pair in _split(f"{at}.serve"))
        case AddRule(rule=new):
            yield from ((at, "$.rule") for at in _rule(after, new.id))
        case UpdateRule(rule_id=id):
            yield from ((at, "$") for at in _rule(after, id))
        case AddTargets() | ReplaceTargets():
            for place, one in enumerate(after.targets):
                if (one.variation, one.kind) == (instruction.variation, instruction.context_kind):
                    yield f"$.targets[{place}].kind", "$.contextKind"
                    yield f"$.targets[{place}]", "$"
        case AddPrerequisite(flag=flag):
            for place, required in enumerate(after.requires):
                if required.flag == flag:
                    yield f"$.requires[{place}]", "$"
            yield "$.requires", "$.flag"
        case _:
            pass


def _rule(after: Targeting, id: str | None) -> list[str]:
    return [f"$.rules[{place}]" for place, rule in enumerate(after.rules) if rule.id == (id or "")]


def _split(at: str) -> Places:
    yield f"{at}.kind", "$.contextKind"
    yield at, "$"
