"""One flag of theirs in our model; its variations get names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.import_clauses import import_clauses
from pennon.compat.launchdarkly.import_serve import import_serve
from pennon.compat.launchdarkly.names import DEFAULT_KIND
from pennon.compat.launchdarkly.variations import Names, type_of
from pennon.model.flag import (
    ClientSide,
    Flag,
    Prerequisite,
    Rule,
    Serve,
    Target,
    Track,
    Variation,
)


def import_flag(flag: theirs.Flag, flags: Mapping[str, theirs.Flag]) -> Flag:
    """
    Return *flag* in our model; *flags* are those that it may require.

    An index past the end becomes a name that does not exist. Raises Refused, with the path, for
    what cannot be said without a change.
    """
    names = Names(flag.variations)
    off = theirs.given(flag.off_variation)
    rules = tuple(_rule(rule, i, names, flag.key) for i, rule in enumerate(flag.rules))
    default = import_serve(flag.fallthrough, names, flag.key, "$.fallthrough")
    return Flag(
        key=flag.key,
        type=type_of(flag.variations),
        version=flag.version,
        enabled=flag.on,
        variations=tuple(
            Variation(name=name, value=value)
            for name, value in zip(names, flag.variations, strict=True)
        ),
        off=None if off is None else names[off],
        requires=tuple(_prerequisite(required, flags) for required in flag.prerequisites),
        targets=tuple(_targets(flag, names)),
        rules=rules,
        default=default,
        salt=flag.salt,
        client_side=_client_side(flag),
        track=_track(flag, [*(rule.serve for rule in rules), default]),
    )


def _prerequisite(required: theirs.Prerequisite, flags: Mapping[str, theirs.Flag]) -> Prerequisite:
    other = flags.get(required.key)
    names = Names(other.variations if other else ())
    return Prerequisite(flag=required.key, is_=(names[required.variation],))


def _targets(flag: theirs.Flag, names: Names) -> Iterator[Target]:
    """Yield targets in the order in which they are tried."""
    if not flag.context_targets:
        for target in flag.targets:
            yield Target(variation=names[target.variation], keys=target.values)
        return
    users: dict[int, tuple[str, ...]] = {}
    for target in flag.targets:
        users.setdefault(target.variation, target.values)
    for target in flag.context_targets:
        kind = theirs.given(target.context_kind) or DEFAULT_KIND
        # An entry for users stands for the first one of its variation among `targets`.
        keys = users.get(target.variation, ()) if kind == DEFAULT_KIND else target.values
        if keys:
            yield Target(variation=names[target.variation], kind=kind, keys=keys)


def _rule(rule: theirs.Rule, index: int, names: Names, flag: str) -> Rule:
    path = f"$.rules[{index}]"
    return Rule(
        id=rule.id or f"rule-{index}",
        when=import_clauses(rule.clauses, f"{path}.clauses"),
        serve=import_serve(rule, names, flag, path),
    )


def _client_side(flag: theirs.Flag) -> ClientSide:
    available = theirs.given(flag.client_side_availability)
    if available is None:
        # Flags older than the choice were for every mobile SDK.
        return ClientSide(web=flag.client_side, mobile=True)
    return ClientSide(web=available.using_environment_id, mobile=available.using_mobile_key)


def _track(flag: theirs.Flag, serves: list[Serve]) -> Track:
    if flag.track_events:
        return "all"
    return "experiments" if any(serve.experiment is not None for serve in serves) else "none"
