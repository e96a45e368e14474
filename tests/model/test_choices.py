"""Which values a type allows at a place."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct

from pennon.model.choices import choices_at


class Walk(Struct, tag_field="kind", tag="walk"):
    """By foot."""

    pace: Literal["slow", "fast"] = "slow"


class Ride(Struct, tag_field="kind", tag="ride"):
    """On something."""

    on: Annotated[Literal["horse"], Meta(description="What carries you.")] | None = None


class Journey(Struct, rename="camel"):
    """Some ways to go."""

    legs: tuple[Walk | Ride, ...] = ()
    by_name: dict[str, Walk] = {}
    length: int = 0


class TestChoices:
    @pytest.mark.parametrize(
        ("path", "choices"),
        [
            ("$.legs[3].pace", ("fast", "slow")),
            ("$.legs[3].kind", ("ride", "walk")),
            ("$.legs[0].on", ("horse",)),
            ("$.byName[...].pace", ("fast", "slow")),
            ("$.length", ()),
            ("$.nothing[0].like.it", ()),
            ("$", ()),
        ],
    )
    def test_are_found_along_the_path(self, path: str, choices: tuple[str, ...]) -> None:
        """Through lists, dicts and unions; where nothing is named there are none."""
        assert choices_at(Journey, path) == choices
