"""What an application imports along with a client."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

HEAVY: Final = ("asyncio", "httpx2", "pathlib", "pennon.evaluation.generate", "ssl", "urllib.parse")


def imported_by(code: str) -> set[str]:
    """Return what is imported after *code* was run in a process of its own."""
    # Without the site, which may import what it likes.
    code = f"import sys; sys.path[:] = {sys.path!r}\n{code}\nprint(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True
    )
    return {*ran.stdout.split()}


def test_before_a_client_is_made() -> None:
    """To import the client takes little: what asks and what compiles is imported when needed."""
    assert imported_by("from pennon import Client").isdisjoint(HEAVY)


def test_offline() -> None:
    """A client that asks nobody does not import what it takes to ask."""
    modules = imported_by("from pennon import Client; Client(offline=True)")

    assert modules.isdisjoint({"asyncio", "httpx2", "ssl"})
    assert "pennon.evaluation.generate" in modules
