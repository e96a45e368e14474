"""What commands print, whoever it comes from."""

from __future__ import annotations

import pytest
from rich.table import Table
from rich.text import Text

from pennon.cli.output import print_text

HOSTILE = "\x1b]0;title\x07 \x1b[2J \x9b31m \x7f \x08 é\tend"


def in_a_table(text: str) -> Table:
    table = Table("WHAT", box=None)
    table.add_row(Text(text))
    return table


class TestText:
    @pytest.mark.parametrize("shape", [str, Text, in_a_table], ids=["text", "styled", "table"])
    def test_steers_no_terminal(self, shape: type[str], capsys: pytest.CaptureFixture[str]) -> None:
        """A page names its events as it likes, and an operator's terminal shows the names."""
        print_text(shape(HOSTILE))
        printed = capsys.readouterr().out

        assert "]0;title" in printed
        assert "é" in printed
        assert not [sign for sign in printed if not sign.isprintable() and sign not in "\n\t"]
