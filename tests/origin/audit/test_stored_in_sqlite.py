"""What only SQLite lets someone put into a table: values that are of no column's type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from pennon.origin.audit.findings import Finding
from pennon.origin.audit.stored import verify_stored
from pennon.origin.db.engine import reading_engine
from tests.builders.audit import a_chain, a_log, tamper


def found_after(folder: Path, statement: str, **fields: Any) -> Finding | None:
    """Return what is found in a chain of four records once *statement* has been run."""
    path = folder / "log.db"
    a_log(path, a_chain(4, **fields))
    tamper(path, statement)
    engine = reading_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            return verify_stored(connection, "shop").finding
    finally:
        engine.dispose()


class TestAltered:
    @pytest.mark.parametrize(
        "change",
        [
            "comment = CAST(x'ff' AS TEXT)",  # text that is not UTF-8
            "comment = x'776879'",  # the bytes of what it was
            "actor = x'00'",
            "at = 'soon'",
            "at = 0.5",
            "after = 'text'",
            "after = 7",
            "after = 1000000000000",  # bytes of that length would not fit into memory
            "after = x''",
            "after = x'7b7d20'",  # {} and a blank
            "versions = x'ff'",
            "hash = x'00'",
        ],
    )
    def test_a_value_of_another_type(self, tmp_path: Path, change: str) -> None:
        """It is found like any other; no type is trusted."""
        finding = found_after(tmp_path, f"UPDATE audit SET {change} WHERE sequence = 3")

        assert finding is not None
        assert (finding.kind, finding.sequence) == ("altered", 3)

    def test_bytes_moved_from_one_column_to_the_next(self, tmp_path: Path) -> None:
        """One after the other they are the same bytes, which have the same hash."""
        finding = found_after(
            tmp_path,
            """UPDATE audit SET before = CAST('null,"after":{"a":1' AS BLOB),
                                after = CAST('2}' AS BLOB) WHERE sequence = 3""",
            after=Raw(b'{"a":1,"after":2}'),
        )

        assert finding is not None
        assert "its before is not JSON" in finding.message

    @pytest.mark.parametrize("number", ["'three'", "2.5", "x'03'", "-3"])
    def test_a_number_that_is_none(self, tmp_path: Path, number: str) -> None:
        """Something is found, at the latest where the record lacks."""
        finding = found_after(tmp_path, f"UPDATE audit SET sequence = {number} WHERE sequence = 3")

        assert finding is not None
        assert finding.sequence in (1, 3)

    @pytest.mark.parametrize(
        "change", ["hash = CAST(x'ff' AS TEXT)", "sequence = 'four'", "hash = x'00'"]
    )
    def test_a_head_that_cannot_be_read(self, tmp_path: Path, change: str) -> None:
        """It is as good as missing."""
        finding = found_after(tmp_path, f"UPDATE audit_heads SET {change} WHERE chain = 'shop'")

        assert finding is not None
        assert (finding.kind, finding.sequence) == ("head", 4)
