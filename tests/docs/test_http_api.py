"""The page on the management API names every endpoint that there is, and every problem."""

from __future__ import annotations

from pathlib import Path

from pennon.web.problem import PROBLEMS
from tests.builders.api import an_api

PAGE = (Path(__file__).parents[2] / "docs/http-api.md").read_text()


class TestHttpApi:
    async def test_endpoints(self, tmp_path: Path) -> None:
        """The table holds one line for each endpoint, in the words of its own description."""
        async with an_api(tmp_path) as api:
            paths = (await api.get("/openapi.json"))["paths"]
        lines = {
            f"| `{method.upper()}` | `{path.removeprefix('/api/v1')}` | {operation['summary']} |"
            for path, operations in paths.items()
            for method, operation in operations.items()
        }

        assert {line for line in PAGE.splitlines() if "` | `/" in line} == lines

    def test_problems(self) -> None:
        """Every type of problem is explained, with its status."""
        named = {
            line.split(" | ")[0]
            for line in PAGE.splitlines()
            if line.startswith("| ") and "urn:" in line
        }

        assert named == {
            f"| {status.value} `urn:pennon:problem:{slug}`" for status, slug, _ in PROBLEMS.values()
        }
