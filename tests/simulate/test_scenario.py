"""A scenario is read strictly: what cannot be simulated is told before anything is started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pennon.cli.simulate import bundled
from pennon.errors import BadInput
from pennon.simulate.scenario import (
    Conditions,
    KillConnector,
    KillOrigin,
    Partition,
    Scenario,
    parse_scenario,
    read_scenario,
)

ONE_REGION = 'title = "t"\n[[regions]]\nname = "eu"\npops = 3\n'


def a_step(**fields: object) -> str:
    """Return a scenario of one region and one step, in TOML."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    return ONE_REGION + "[[steps]]\n" + "\n".join(lines)


def faults_of(text: str) -> list[str]:
    """Return what is told of a scenario that cannot be simulated."""
    with pytest.raises(BadInput) as error:
        parse_scenario(text, "mine.toml")
    return [str(fault) for fault in error.value.faults]


class TestReading:
    """`parse_scenario` and `read_scenario`."""

    def test_the_smallest(self) -> None:
        """A title and a region are enough."""
        scenario = parse_scenario(ONE_REGION, "mine.toml")

        assert (scenario.pops, scenario.regions[0].connectors) == (3, 1)

    def test_steps_are_told_apart_by_what_they_do(self) -> None:
        """`do` names the step."""
        text = a_step(do="partition", at=1, region="eu", seconds=2)
        text += '\n[[steps]]\ndo = "kill-connector"\nat = 1\nregion = "eu"\nseconds = 1\n'
        text += '[[steps]]\ndo = "kill-origin"\nat = 3\nseconds = 1\n'

        assert parse_scenario(text, "mine.toml").steps == (
            Partition(at=1, region="eu", seconds=2),
            KillConnector(at=1, region="eu", seconds=1),
            KillOrigin(at=3, seconds=1),
        )

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("title = ", "mine.toml: expected TOML"),
            ('title = "t"', "missing required field `regions`"),
            (ONE_REGION + "pop = 1", "unknown field `pop`"),
            (ONE_REGION + "uplink = {loss = 0.9}", "<= 0.5"),
            (a_step(do="melt", at=1), "'melt'"),
            (a_step(do="cut", at=1, region="mars", seconds=1), "expected one of eu"),
            (a_step(do="cut", at=99, region="eu", seconds=1), "$.steps[0].at: expected at most 20"),
            (a_step(do="slow", at=1, region="eu", pops=4, seconds=1), "expected 1 to 3, got 4"),
            (
                a_step(do="kill-connector", at=1, region="eu", connector=2, seconds=1),
                "$.steps[0].connector: expected 1 to 1",
            ),
            (ONE_REGION + '[[regions]]\nname = "eu"\npops = 1', "a name of its own"),
        ],
    )
    def test_what_is_wrong_is_told(self, text: str, told: str) -> None:
        """Each fault says where it is and what was expected."""
        assert told in "\n".join(faults_of(text))

    def test_faults_of_meaning_are_told_together(self) -> None:
        """One run tells all of them."""
        text = a_step(do="cut", at=99, region="mars", seconds=1)

        assert len(faults_of(text)) == 2

    def test_a_file_that_is_not_text(self, tmp_path: Path) -> None:
        """Bytes that are no UTF-8 are the file's fault."""
        path = tmp_path / "mine.toml"
        path.write_bytes(b"\xff\xfe")

        with pytest.raises(BadInput, match="UTF-8"):
            read_scenario(path)


class TestLinks:
    """`needs_link`."""

    @pytest.mark.parametrize(
        ("text", "needed"),
        [
            (ONE_REGION, False),
            (ONE_REGION + "uplink = {delay_ms = 10}", True),
            (a_step(do="partition", at=1, region="eu", seconds=1), True),
            (a_step(do="restart", at=1, region="eu", pops=1), False),
        ],
    )
    def test_only_where_the_way_is_disturbed(self, text: str, needed: bool) -> None:
        """A relay in between costs time, so an undisturbed way has none."""
        scenario = parse_scenario(text, "mine.toml")

        assert scenario.needs_link(scenario.regions[0]) is needed


class TestBundled:
    """The scenarios that come with Pennon."""

    @pytest.mark.parametrize("scenario", bundled().values(), ids=bundled().keys())
    def test_each_can_be_read(self, scenario: Scenario) -> None:
        """None of them is broken, and each says what it is."""
        assert scenario.title
        assert scenario.pops >= 20

    def test_conditions_default_to_a_perfect_link(self) -> None:
        """What is not said does not disturb."""
        assert Conditions() == Conditions(delay_ms=0, jitter_ms=0, loss=0)
