"""`pennon simulate`: a fleet on this machine, disturbed as a scenario says."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import nullcontext
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.table import Table

from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.simulate.scenario import Scenario, parse_scenario, read_scenario

_EXAMPLES = """\
Examples:

  pennon simulate                    list the scenarios that come with Pennon
  pennon simulate calm               200 PoPs in four regions, undisturbed
  pennon simulate ./mine.toml --seed 7 --json"""

_BUNDLED = files("pennon.simulate") / "scenarios"


def register(app: App) -> None:
    """Add the command to *app*."""
    app.command(simulate, sort_key=8, help_epilogue=_EXAMPLES)


def simulate(
    scenario: Annotated[str | None, Parameter(name="SCENARIO")] = None,
    /,
    *,
    seed: int | None = None,
    seconds: float | None = None,
    logs: Path | None = None,
    packets: bool = False,
    json: Json = False,
) -> None:
    """
    Run PoPs as real followers over real sockets, and disturb them as a scenario says.

    Starts an origin and connectors of its own on this machine and ends them. Prints how long
    changes took to be applied, and fails when a PoP does not end with what the origin holds.

    Parameters
    ----------
    scenario
        A TOML file, or the name of a scenario that comes with Pennon; without one they are listed.
    seed
        Draw pauses, losses and PoPs from this seed instead of the scenario's.
    seconds
        Make changes for so long; steps that would come later are left out.
    logs
        Keep what the processes log in this folder, which is made.
    packets
        Put what is behind a link into a network namespace, where packets are lost for real. Needs
        root on Linux.
    """
    if scenario is None:
        _list(json)
        return
    chosen = _cut(_read(scenario), seed, seconds)
    from pennon.simulate.packets import leave_the_network
    from pennon.simulate.report import result_text, verdict_text
    from pennon.simulate.run import simulate

    if packets:
        leave_the_network()
    with nullcontext(logs) if logs else tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(simulate(chosen, place, _tell, packets=packets))
    if json:
        print_json(result)
    else:
        print_text(result_text(result))
        print_text(verdict_text(result))
    if not result.passed:
        raise CommandFailed("The fleet did not do what was expected of it.")


def bundled() -> dict[str, Scenario]:
    """Return the scenarios that come with Pennon, by name."""
    found = sorted(_BUNDLED.iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".toml"): parse_scenario(file.read_text("utf-8"), file.name)
        for file in found
        if file.name.endswith(".toml")
    }


def _read(name: str) -> Scenario:
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return read_scenario(path)
    known = bundled()
    if name not in known:
        raise BadInput.at("SCENARIO", f"expected a TOML file or one of {', '.join(known)}")
    return known[name]


def _cut(scenario: Scenario, seed: int | None, seconds: float | None) -> Scenario:
    if seed is not None:
        scenario = msgspec.structs.replace(scenario, seed=seed)
    if seconds is not None:
        if not 0 < seconds <= 86_400:
            raise BadInput.at("--seconds", f"expected above 0 to 86400, got {seconds:g}")
        steps = tuple(step for step in scenario.steps if step.at < seconds)
        scenario = msgspec.structs.replace(scenario, seconds=seconds, steps=steps)
    return scenario


def _list(json: bool) -> None:
    known = bundled()
    if json:
        print_json({"items": [{"name": k, "title": v.title} for k, v in known.items()]})
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, one in known.items():
        table.add_row(name, one.title)
    print_text(table)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
