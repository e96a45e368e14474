"""What every page of the documentation is held to."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from pennon.cli.app import make_app
from pennon.cli.config_assembly import assembled
from pennon.cli.config_sources import read_files
from pennon.model.access import format_key
from tests.builders.documentation import (
    PAGES,
    ROOT,
    Block,
    anchors,
    blocks,
    links,
    name_of,
    shell_commands,
)


def _block_name(block: Block) -> str:
    return f"{name_of(block.page)}:{block.text[:20]!r}"


class TestLinks:
    """Links inside the repository."""

    @pytest.mark.parametrize("page", PAGES, ids=name_of)
    def test_lead_somewhere(self, page: Path) -> None:
        """A linked page exists, and has the heading that is named."""
        broken = []
        for target in links(page):
            path, _, fragment = target.partition("#")
            linked = (page.parent / path).resolve() if path else page
            if "://" in target:
                continue
            if not linked.exists() or (fragment and fragment not in anchors(linked)):
                broken.append(target)

        assert broken == []


class TestBlocks:
    """Code in the pages."""

    @pytest.mark.parametrize("block", blocks("json"), ids=_block_name)
    def test_json_can_be_read(self, block: Block) -> None:
        """A reader may copy any JSON block."""
        assert json.loads(block.text) is not None

    @pytest.mark.parametrize("block", blocks("yaml"), ids=_block_name)
    def test_yaml_is_a_document_of_a_project(self, block: Block, tmp_path: Path) -> None:
        """`pennon apply` finds no fault in any YAML block."""
        file = tmp_path / "block.yaml"
        file.write_text(block.text, "utf-8")
        sources, unread = read_files([file])

        assert [*unread, *assembled(sources).faults] == []

    @pytest.mark.parametrize("block", blocks("python"), ids=_block_name)
    def test_python_can_be_read(self, block: Block) -> None:
        """A reader may copy any Python block."""
        assert ast.parse(block.text).body


class TestCommands:
    """Commands that the pages show."""

    @pytest.mark.parametrize("arguments", shell_commands("pennon"), ids=" ".join)
    def test_pennon_understands_them(
        self, arguments: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every command parses as it stands, options and values included."""
        monkeypatch.setenv("PENNON_KEY", format_key("relay", bytes(32)))

        assert make_app().parse_args(arguments, exit_on_error=False, print_error=False)

    def test_pages_name_only_commands_that_exist(self) -> None:
        """The first words of `pennon …` in a sentence are a command."""
        app = make_app()
        named = {
            words
            for page in PAGES
            for words in re.findall(r"`pennon ((?:[a-z]+ ?)+)", page.read_text("utf-8"))
        }
        unknown = {words for words in named if not app.parse_commands(words.split())[0]}

        assert unknown == set()

    def test_make_has_the_targets(self) -> None:
        """Every `make target` in a block is one of the Makefile's."""
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
        named = {word for words in shell_commands("make") for word in words}

        assert named - targets == set()
