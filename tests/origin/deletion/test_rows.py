"""Rows put aside as a document."""

from __future__ import annotations

from msgspec import json

from pennon.model.messages import ItemKind
from pennon.origin.db.tables import flags, metadata, segments
from pennon.origin.deletion.rows import PARTS, document_of, rows_in


class TestParts:
    def test_are_all_tables_that_belong_to_a_kind(self) -> None:
        """Those that point to a flag or a segment go with it and come back with it."""
        kinds: dict[ItemKind, str] = {"flag": flags.name, "segment": segments.name}
        for kind, name in kinds.items():
            pointing = {
                table.name
                for table in metadata.sorted_tables
                if any(key.column.table.name == name for key in table.foreign_keys)
            }

            assert {table.name for table, _ in PARTS[kind]} == {name} | pointing


class TestDocument:
    def test_gives_back_the_rows_that_it_was_made_of(self) -> None:
        """Bytes, numbers, truth values and texts as they were."""
        row = {
            "project": "shop",
            "key": "engine",
            "salt": "s",
            "document": b'{"a": 1}\xff',
            "archived": True,
            "search": "",
            "created_at": 1,
            "updated_at": 2**40,
        }
        rows = {"segments": [row], "memberships": list[dict[str, object]]()}

        assert rows_in(document_of(rows), "segment") == rows

    def test_leaves_out_what_the_tables_have_no_longer(self) -> None:
        """A column that a newer schema has dropped, and one that it has added."""
        document = json.encode({"segments": [{"key": "engine", "dropped": 1}]})

        assert rows_in(document, "segment") == {"segments": [{"key": "engine"}], "memberships": []}
