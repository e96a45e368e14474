"""The documentation, as tests read it: pages, sections, tables, blocks and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.as_posix()
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")


class Block(NamedTuple):
    """A fenced block and its language."""

    page: Path
    language: str
    text: str


def name_of(path: Path) -> str:
    """Return a page's path in the repository, as a test's name."""
    return path.relative_to(ROOT).as_posix()


def blocks(language: str) -> list[Block]:
    """Return every block of *language* in every page."""
    return [
        Block(page, *match.groups())
        for page in PAGES
        for match in _FENCE.finditer(page.read_text("utf-8"))
        if match[1] == language
    ]


def links(page: Path) -> list[str]:
    """Return the targets of a page's links, those in blocks left out."""
    return _LINK.findall(_FENCE.sub("", page.read_text("utf-8")))


def anchors(page: Path) -> set[str]:
    """Return the fragments that a page's headings can be linked by."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def sections(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each second-level heading of a page with the text under it."""
    for section in page.read_text("utf-8").split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        yield heading, text


def rows(text: str) -> list[list[str]]:
    """Return the cells of the table rows in *text*, headings and rules left out."""
    table = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    return [row for row in cells if row[0].startswith("`")]


def shell_commands(program: str) -> list[list[str]]:
    """Return the arguments of each call of *program* in a shell block."""
    calls = []
    for block in blocks("sh"):
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            while words and _ASSIGNMENT.fullmatch(words[0]):
                words = words[1:]
            if words and words[0] == program:
                calls.append(list(takewhile(_is_no_redirection, words[1:])))
    return calls


def _is_no_redirection(word: str) -> bool:
    return not word.startswith(">")
