"""
`eppo-server-sdk`: Rust inside, fed one configuration, no polling.

It has no segments, so a segment's two rules are rules of the flag; and no call for all flags, so
the last case is a loop over the flags.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import eppo_client

from benchmarks.evaluate import cases
from benchmarks.evaluate.engines import Calls

_SHARDS = 10_000


class _Silent(eppo_client.AssignmentLogger):
    def log_assignment(self, event: Any) -> None:
        pass


def calls() -> Calls:
    flags = _flags()
    flags.update(
        {
            f"flag-{index}": {**flags[cases.flag_of_many(index)], "key": f"flag-{index}"}
            for index in range(cases.MANY)
        }
    )
    client = _client(flags)
    attributes = dict(cases.ATTRIBUTES)
    ask = client.get_boolean_assignment
    keys = [f"flag-{index}" for index in range(cases.MANY)]

    def ask_all() -> dict[str, object]:
        return {key: ask(key, cases.KEY, attributes, False) for key in keys}

    one = {
        case.name: partial(ask, case.flag, cases.KEY, attributes, False)
        for case in cases.CASES
        if case.flag is not None
    }
    return {**one, "all": ask_all}


def value_of(answer: object) -> object:
    """Return what a call returned: it is the value, or the values by flag."""
    return answer


def _client(flags: dict[str, Any]) -> Any:
    configuration = {
        "createdAt": "2024-01-01T00:00:00.000Z",
        "format": "SERVER",
        "environment": {"name": "benchmark"},
        "flags": flags,
    }
    return eppo_client.init(
        eppo_client.ClientConfig(
            api_key="none",
            assignment_logger=_Silent(),
            poll_interval_seconds=None,
            initial_configuration=eppo_client.Configuration(
                flags_configuration=json.dumps(configuration).encode()
            ),
        )
    )


def _flags() -> dict[str, dict[str, Any]]:
    half = [_split("on", 0, _SHARDS // 2), _split("off", _SHARDS // 2, _SHARDS)]
    listed = [("id", cases.LISTED)]
    return {
        "off": _flag("off", [], enabled=False),
        "on": _flag("on", [_allocation("a", [], [_split("on")])]),
        "rules": _flag("rules", _by_rule(cases.RULES)),
        "list": _flag("list", _by_rule([listed])),
        "split": _flag("split", [_allocation("a", [], half)]),
        "segment": _flag("segment", _by_rule(cases.SEGMENT_RULES)),
    }


def _flag(key: str, allocations: list[Any], *, enabled: bool = True) -> dict[str, Any]:
    return {
        "key": key,
        "enabled": enabled,
        "variationType": "BOOLEAN",
        "variations": {"on": {"key": "on", "value": True}, "off": {"key": "off", "value": False}},
        "allocations": allocations,
        "totalShards": _SHARDS,
    }


def _by_rule(rules: list[list[tuple[str, list[str]]]]) -> list[dict[str, Any]]:
    """Return an allocation a rule, and a last one for everybody else."""
    matching = [
        _allocation(f"r{index}", [{"conditions": _conditions(rule)}], [_split("on")])
        for index, rule in enumerate(rules)
    ]
    return [*matching, _allocation("default", [], [_split("off")])]


def _conditions(rule: list[tuple[str, list[str]]]) -> list[dict[str, Any]]:
    return [{"attribute": name, "operator": "ONE_OF", "value": values} for name, values in rule]


def _allocation(key: str, rules: list[Any], splits: list[Any]) -> dict[str, Any]:
    return {"key": key, "rules": rules, "splits": splits, "doLog": False}


def _split(variation: str, start: int | None = None, end: int | None = None) -> dict[str, Any]:
    shards = [] if start is None else [{"salt": "salt", "ranges": [{"start": start, "end": end}]}]
    return {"variationKey": variation, "shards": shards}
