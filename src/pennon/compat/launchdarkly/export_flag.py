"""One flag of ours in their model, with the segments that had to be made for it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.export_conditions import ConditionExporter
from pennon.compat.launchdarkly.export_serve import export_serve
from pennon.compat.launchdarkly.export_targets import export_targets
from pennon.compat.launchdarkly.variations import Indices
from pennon.errors import Refused
from pennon.model.flag import Flag, Prerequisite, Rule


def export_flag(
    flag: Flag, flags: Mapping[str, Flag]
) -> tuple[theirs.Flag, tuple[theirs.Segment, ...]]:
    """
    Return *flag* in their model and the segments made for it; *flags* are those it may require.

    A variation that does not exist stays one: an index past the end. Raises Refused, with the
    path, for what their model cannot say.
    """
    if flag.needs:
        raise Refused.at("$.needs", f"the flag needs {', '.join(flag.needs)}")
    indices = Indices(flag.variations)
    conditions = ConditionExporter(f"flag:{flag.key}", flag.version)
    targets, context_targets = export_targets(flag.targets, indices)
    exported = theirs.Flag(
        key=flag.key,
        version=flag.version,
        on=flag.enabled,
        variations=tuple(variation.value for variation in flag.variations),
        off_variation=UNSET if flag.off is None else indices[flag.off],
        fallthrough=theirs.Serve(**export_serve(flag.default, indices, "$.default")),
        prerequisites=tuple(
            _prerequisite(required, flags, f"$.requires[{i}]")
            for i, required in enumerate(flag.requires)
        ),
        targets=targets,
        context_targets=context_targets,
        rules=tuple(
            _rule(rule, indices, conditions, f"$.rules[{i}]") for i, rule in enumerate(flag.rules)
        ),
        salt=flag.salt,
        track_events=flag.track == "all",
        client_side=flag.client_side.web,
        client_side_availability=theirs.Availability(
            using_mobile_key=flag.client_side.mobile, using_environment_id=flag.client_side.web
        ),
    )
    return exported, tuple(conditions.made)


def _rule(rule: Rule, indices: Indices, conditions: ConditionExporter, path: str) -> theirs.Rule:
    return theirs.Rule(
        id=rule.id,
        clauses=conditions.clauses(rule.when, f"{path}.when"),
        **export_serve(rule.serve, indices, f"{path}.serve"),
    )


def _prerequisite(
    required: Prerequisite, flags: Mapping[str, Flag], path: str
) -> theirs.Prerequisite:
    """Return a prerequisite; where no listed variation exists, one that never holds."""
    other = flags.get(required.flag)
    indices = Indices(other.variations if other else ())
    wanted = sorted({indices[name] for name in required.is_ if name in indices})
    if len(wanted) > 1:
        raise Refused.at(f"{path}.is", "their prerequisites name one variation each")
    return theirs.Prerequisite(key=required.flag, variation=(wanted or [indices.count])[0])
