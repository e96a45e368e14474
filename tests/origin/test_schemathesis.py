"""The OpenAPI document as those see it who make requests from nothing else."""

from __future__ import annotations

import pytest

from tests.drills.schema import drill

SEED = 20_261_122
EXAMPLES = 2


class TestDocument:
    @pytest.mark.timeout(600)  # nearly all of it is the making of generators
    def test_no_request_made_from_it_breaks_the_origin(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Right or wrong, each is answered, and with what the document says."""
        outcome = drill("sqlite", tmp_path_factory.mktemp("schema"), EXAMPLES, SEED)

        assert outcome.wrong == []
