"""What the audit log says of a change to a flag's definition."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pennon.model.strict import ClientSide, Variation
from pennon.origin.flags.definition_words import told_of_definition
from pennon.origin.flags.schemas import Definition

OFF, ON = Variation(name="off", value=False), Variation(name="on", value=True)
DEFINITION = Definition(
    name="Checkout",
    description="Pay.",
    tags=("shop", "web"),
    owner="ada",
    variations=(OFF, ON),
    metadata={"ticket": 1},
)


class TestTold:
    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"name": "Pay"}, "renamed to Pay"),
            ({"name": ""}, "removed the name"),
            ({"description": "Buy."}, "changed the description"),
            ({"description": ""}, "removed the description"),
            ({"archived": True}, "archived"),
            ({"tags": ("shop", "web", "new")}, "added the tag new"),
            ({"tags": ("web",)}, "removed the tag shop"),
            ({"tags": ("web", "shop")}, "reordered the tags"),
            ({"owner": "bob"}, "is owned by bob"),
            ({"owner": ""}, "is owned by nobody"),
            ({"temporary": True}, "is temporary"),
            ({"variations": (OFF,)}, "removed the variation on"),
            ({"variations": (ON, OFF)}, "reordered the variations"),
            (
                {"variations": (OFF, ON, Variation(name="x", value=True))},
                "added the variation x",
            ),
            (
                {"variations": (OFF, Variation(name="on", value=1))},
                "changed the value of the variation on",
            ),
            (
                {"variations": (OFF, Variation(name="on", value=True, description="Yes."))},
                "changed the description of the variation on",
            ),
            ({"client_side": ClientSide(web=True)}, "is shown to web clients"),
            ({"metadata": {}}, "removed the metadata ticket"),
            ({"metadata": {"ticket": True}}, "set the metadata ticket"),
        ],
    )
    def test_says_what_is_different(self, fields: dict[str, Any], sentence: str) -> None:
        """Each in a sentence, and nothing else."""
        assert told_of_definition(DEFINITION, replace(DEFINITION, **fields)) == (sentence,)

    def test_says_nothing_of_nothing(self) -> None:
        """An empty list is for what is the same."""
        assert told_of_definition(DEFINITION, DEFINITION) == ()
