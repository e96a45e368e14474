"""The nodes of a tree, as an administrator sees them, waits for them and removes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pennon.cli.app import DONE, FAILED, run
from tests.tree.asking import Origin, eventually, ready
from tests.tree.processes import a_tree


@pytest.mark.timeout(120)
def test_waiting_for_a_pop_that_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A change is waited for; a PoP that is gone is named, and no longer once it is removed."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        origin = Origin(tree)
        hub = ready(tree.start_connector("hub"), tree)
        edges = [ready(tree.start_edge(pop, parents=[hub.url]), tree) for pop in ("ams", "fra")]
        origin.receipt(origin.switch(True), "ams", "fra")
        eventually(lambda: len(origin.ask("GET", "/api/v1/nodes")["items"]) == 3)
        where = ("--data", str(tmp_path / "origin"))

        # The list says who is there, and what each of them does.
        assert run(["node", "list", *where, "--json"]) == DONE
        listed = json.loads(capsys.readouterr().out)["items"]
        assert [(node["pop"], node["role"]) for node in listed] == [
            *(("ams", "edge"), ("fra", "edge"), ("hub", "connector")),
        ]
        assert listed[0]["parent"] == hub.url.removeprefix("http://")
        assert run(["node", "list", *where, "--role", "connector"]) == DONE
        assert "hub-1" in capsys.readouterr().out

        # All have the change, and the command says so.
        assert run(["flag", "off", "new-checkout", *where, "--wait", "20"]) == DONE
        assert "live on 2/2 PoPs" in capsys.readouterr().err

        # One is gone for good: it is named, until it is removed.
        edges[1].process.kill()
        assert run(["flag", "on", "new-checkout", *where, "--wait", "5"]) == FAILED
        assert "live on 1/2 PoPs, missing: fra" in capsys.readouterr().err
        assert run(["node", "remove", "fra", *where]) == DONE
        assert capsys.readouterr().out == "Removed from PoP fra: fra-1.\n"
        assert run(["flag", "off", "new-checkout", *where, "--wait", "20", "--json"]) == DONE
        told = json.loads(capsys.readouterr().out)
        assert told["change"]["version"] == told["receipt"]["version"]
        assert told["receipt"]["complete"]
        assert run(["node", "remove", "nowhere", *where]) == FAILED

        # A rollback is waited for in the same way.
        back = ("flag", "rollback", "new-checkout", str(told["change"]["version"] - 1))
        assert run([*back, *where, "--wait", "20"]) == DONE
        assert "live on 1/1 PoPs" in capsys.readouterr().err
