"""What a change to a flag's targeting did, in sentences for the audit log. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pennon.model.flag import TOTAL_WEIGHT, Prerequisite, Rule, Serve, Target
from pennon.origin.flags.parts import encode
from pennon.origin.flags.schemas import Targeting
from pennon.origin.words import changed_keys, reordered


def told(before: Targeting, after: Targeting) -> tuple[str, ...]:
    """Return a sentence for each thing that is different, none where nothing is."""
    return tuple(_told(before, after))


def _told(before: Targeting, after: Targeting) -> Iterator[str]:
    if before.enabled != after.enabled:
        yield "turned on" if after.enabled else "turned off"
    if before.off != after.off:
        off = "the caller's default" if after.off is None else after.off
        yield f"serves {off} while off"
    yield from _requires(before.requires, after.requires)
    yield from _targets(before.targets, after.targets)
    yield from _rules(before.rules, after.rules)
    if before.default != after.default:
        yield f"serves {_served(after.default)} by default"
    if before.track != after.track:
        yield f"sends {_TRACKED[after.track]} as events"


_TRACKED = {"none": "no exposures", "experiments": "experiments' exposures", "all": "all exposures"}


def _requires(before: Iterable[Prerequisite], after: Iterable[Prerequisite]) -> Iterator[str]:
    old = {one.flag: one.is_ for one in before}
    new = {one.flag: one.is_ for one in after}
    for flag in old:
        if flag not in new:
            yield f"no longer requires {flag}"
    for flag, served in new.items():
        if old.get(flag) != served:
            yield f"requires {flag} to serve {' or '.join(served)}"
    if reordered(old, new):
        yield "reordered the prerequisites"


def _targets(before: Iterable[Target], after: Iterable[Target]) -> Iterator[str]:
    old, new = _keys(before), _keys(after)
    for kind, variation in dict.fromkeys([*old, *new]):
        held, kept = old.get((kind, variation), {}), new.get((kind, variation), {})
        yield from changed_keys(held.keys(), kept.keys(), kind, variation)
    if reordered(old, new):
        yield "reordered the targets"


def _keys(targets: Iterable[Target]) -> dict[tuple[str, str], dict[str, None]]:
    keys: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for target in targets:
        keys[target.kind, target.variation].update(dict.fromkeys(target.keys))
    return dict(keys)


def _rules(before: Iterable[Rule], after: Iterable[Rule]) -> Iterator[str]:
    old = {rule.id: rule for rule in before}
    new = {rule.id: rule for rule in after}
    for id, rule in old.items():
        if id not in new:
            yield f"removed {_rule(rule)}"
    for id, rule in new.items():
        if id not in old:
            yield f"added {_rule(rule)}, which serves {_served(rule.serve)}"
        else:
            yield from _changed_rule(old[id], rule)
    if reordered(old, new):
        yield "reordered the rules"


def _changed_rule(old: Rule, new: Rule) -> Iterator[str]:
    if old.name != new.name:
        yield f"renamed {_rule(old)} to {new.name or new.id}"
    if encode(old.when) != encode(new.when):
        yield f"changed the conditions of {_rule(new)}"
    if old.serve != new.serve:
        yield f"serves {_served(new.serve)} by {_rule(new)}"


def _rule(rule: Rule) -> str:
    return f"the rule {rule.name or rule.id}"


def _served(serve: Serve) -> str:
    if serve.split is None:
        return serve.variation or "nothing"
    shares = [f"{100 * one.weight / TOTAL_WEIGHT:g} % {one.variation}" for one in serve.split]
    experiment = f" in the experiment {serve.experiment}" if serve.experiment else ""
    return ", ".join(shares) + experiment
