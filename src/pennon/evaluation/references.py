"""What flags and segments say of each other: who is missing, and who leads back to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from pennon.errors import Fault
from pennon.model.flag import Condition, Flag
from pennon.model.segment import Segment


def prerequisite_cycle(flags: Mapping[str, Flag]) -> list[str] | None:
    """Return the keys of flags that require each other in a circle, or None; see `_cycle`."""
    return _cycle(flags, lambda key: [required.flag for required in flags[key].requires])


def segment_cycle(segments: Mapping[str, Segment]) -> list[str] | None:
    """Return the keys of segments that use each other in a circle, or None; see `_cycle`."""
    return _cycle(segments, lambda key: [used for used, _ in segments_of_segment(segments[key])])


def missing_prerequisites(flag: Flag, flags: Mapping[str, Flag], path: str = "$") -> list[Fault]:
    """Return a fault for each flag, or variation of one, that *flag* requires and *flags* lacks."""
    faults = []
    for index, required in enumerate(flag.requires):
        at = f"{path}.requires[{index}]"
        other = flags.get(required.flag)
        if other is None:
            faults.append(Fault(f"{at}.flag", f"there is no flag {required.flag!r}"))
            continue
        names = {variation.name for variation in other.variations}
        for place, name in enumerate(required.is_):
            if name not in names:
                message = f"the flag {required.flag!r} has no variation {name!r}"
                faults.append(Fault(f"{at}.is[{place}]", message))
    return faults


def missing_segments(
    item: Flag | Segment, segments: Mapping[str, object], path: str = "$"
) -> list[Fault]:
    """Return a fault for each segment that a flag or segment uses and that is not in *segments*."""
    uses = (
        segments_of_flag(item, path) if isinstance(item, Flag) else segments_of_segment(item, path)
    )
    return [Fault(at, f"there is no segment {key!r}") for key, at in uses if key not in segments]


def segments_of_flag(flag: Flag, path: str = "$") -> list[tuple[str, str]]:
    """Return the key and the path of each use of a segment in *flag*."""
    return [
        use
        for index, rule in enumerate(flag.rules)
        for use in _uses(rule.when, f"{path}.rules[{index}].when")
    ]


def segments_of_segment(segment: Segment, path: str = "$") -> list[tuple[str, str]]:
    """Return the key and the path of each use of a segment in *segment*."""
    return [
        use
        for index, rule in enumerate(segment.rules)
        for use in _uses(rule.when, f"{path}.rules[{index}].when")
    ]


def _uses(conditions: Iterable[Condition], path: str) -> Iterator[tuple[str, str]]:
    """Walks with a stack of its own: nobody has said yet that conditions nest too deep."""
    waiting = _listed(conditions, path)
    while waiting:
        condition, at = waiting.pop()
        if condition.segment is not None:
            yield condition.segment, f"{at}.segment"
        if condition.not_ is not None:
            waiting.append((condition.not_, f"{at}.not"))
        waiting += _listed(condition.all_ or (), f"{at}.all")
        waiting += _listed(condition.any_ or (), f"{at}.any")


def _listed(conditions: Iterable[Condition], path: str) -> list[tuple[Condition, str]]:
    """Return conditions with their paths, the first at the end, where it is taken."""
    return [(each, f"{path}[{index}]") for index, each in enumerate(conditions)][::-1]


def _cycle(items: Mapping[str, object], uses: Callable[[str], list[str]]) -> list[str] | None:
    """
    Return the keys of one cycle, each of which uses the next and the last the first.

    Walks depth first with a stack of its own, so a chain of any length is fine.
    """
    done: set[str] = set()
    for start in items:
        trail: dict[str, None] = {}
        waiting: list[tuple[str, bool]] = [(start, True)]
        while waiting:
            key, arriving = waiting.pop()
            if not arriving:
                done.add(trail.popitem()[0])
            elif key in trail:
                keys = list(trail)
                return keys[keys.index(key) :]
            elif key in items and key not in done:
                trail[key] = None
                waiting.append((key, False))
                waiting.extend((used, True) for used in reversed(uses(key)))
    return None
