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

SHARDS = 10_000


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
    eppo = client(configuration(flags))
    attributes = dict(cases.ATTRIBUTES)
    ask = eppo.get_boolean_assignment
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


def client(configuration: bytes) -> Any:
    """Return a client of *configuration* alone, which never polls."""
    return eppo_client.init(
        eppo_client.ClientConfig(
            api_key="none",
            assignment_logger=_Silent(),
            poll_interval_seconds=None,
            initial_configuration=eppo_client.Configuration(flags_configuration=configuration),
        )
    )


def configuration(flags: dict[str, Any]) -> bytes:
    """Return the configuration that holds *flags*, as it travels."""
    return json.dumps(
        {
            "createdAt": "2024-01-01T00:00:00.000Z",
            "format": "SERVER",
            "environment": {"name": "benchmark"},
            "flags": flags,
        }
    ).encode()


def _flags() -> dict[str, dict[str, Any]]:
    half = [split("on", 0, SHARDS // 2), split("off", SHARDS // 2, SHARDS)]
    listed = [("id", cases.LISTED)]
    return {
        "off": flag("off", [], enabled=False),
        "on": flag("on", [allocation("a", [], [split("on")])]),
        "rules": flag("rules", _by_rule(cases.RULES)),
        "list": flag("list", _by_rule([listed])),
        "split": flag("split", [allocation("a", [], half)]),
        "segment": flag("segment", _by_rule(cases.SEGMENT_RULES)),
    }


def flag(key: str, allocations: list[Any], *, enabled: bool = True) -> dict[str, Any]:
    """Return a boolean flag."""
    return {
        "key": key,
        "enabled": enabled,
        "variationType": "BOOLEAN",
        "variations": {"on": {"key": "on", "value": True}, "off": {"key": "off", "value": False}},
        "allocations": allocations,
        "totalShards": SHARDS,
    }


def _by_rule(rules: list[list[tuple[str, list[str]]]]) -> list[dict[str, Any]]:
    """Return an allocation a rule, and a last one for everybody else."""
    matching = [
        allocation(f"r{index}", [{"conditions": _conditions(rule)}], [split("on")])
        for index, rule in enumerate(rules)
    ]
    return [*matching, allocation("default", [], [split("off")])]


def _conditions(rule: list[tuple[str, list[str]]]) -> list[dict[str, Any]]:
    return [{"attribute": name, "operator": "ONE_OF", "value": values} for name, values in rule]


def allocation(key: str, rules: list[Any], splits: list[Any]) -> dict[str, Any]:
    """Return who gets what: any of *rules*, or everybody where there are none."""
    return {"key": key, "rules": rules, "splits": splits, "doLog": False}


def split(variation: str, start: int | None = None, end: int | None = None) -> dict[str, Any]:
    """Return who of an allocation gets *variation*: a range of shards, or everybody."""
    shards = [] if start is None else [{"salt": "salt", "ranges": [{"start": start, "end": end}]}]
    return {"variationKey": variation, "shards": shards}
