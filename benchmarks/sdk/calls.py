"""What a client adds to an evaluation, and what the others take for the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

from benchmarks import common
from benchmarks.edge.cases import ASKED, CONTEXT
from benchmarks.edge.table import Bar, rows
from benchmarks.sdk.clients import CLIENTS, Pennon
from pennon.evaluation.evaluate import evaluate
from pennon.model.context import Context

BARE = "evaluate, nothing else"


def measure(urls: Mapping[str, str], *, quick: bool) -> dict[str, float]:
    """Return nanoseconds of CPU a call."""
    rounds, round_ns = (3, 100_000) if quick else (15, 10_000_000)
    with ExitStack() as stack:
        calls: dict[str, Callable[[], object]] = {}
        for name, make in CLIENTS.items():
            client = make(urls)
            stack.callback(client.close)
            if isinstance(client, Pennon):
                calls.update(_ours(client))
            else:
                calls[name] = client.ask()
        return common.measure(calls, rounds=rounds, round_ns=round_ns)


def _ours(made: Pennon) -> dict[str, Callable[[], object]]:
    client, context = made.client, Context.of(CONTEXT)
    return {
        BARE: partial(evaluate, client.held.ruleset, ASKED, context),
        "boolean(flag, Context)": partial(client.boolean, ASKED, context),
        "boolean(flag, dict)": partial(client.boolean, ASKED, CONTEXT),
        "boolean_detail(flag, Context)": partial(client.boolean_detail, ASKED, context),
    }


def report(taken: Mapping[str, float]) -> list[Bar]:
    """Print what calls took and return what is to be shown."""
    bare = taken[BARE]
    lines = [(name, (ns, ns - bare, ns / bare)) for name, ns in taken.items()]
    rows("One flag of fifteen rules, the last holds, ns", ("call", "added", "ratio"), lines)
    return [
        Bar(f"{name} adds", taken[name] - bare, "ns", "at most", 400.0)
        for name in ("boolean(flag, Context)", "boolean(flag, dict)")
    ]
