"""How pages of events are found, among however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event

from pennon.origin.db.tables import metadata
from pennon.origin.events.queries import Wanted, newest_custom_events, newest_exposures

FLAG = {"flag": "checkout"}
NAME = {"name": "purchase"}
UNIT = {"unit": ("user", "ada")}


@pytest.fixture
def connection() -> Any:
    """A connection to a new SQLite database, which knows of no table how long it is."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def plan_of(connection: Connection, asked: Any, wanted: Wanted) -> list[str]:
    """Return how what *asked* asks for is found."""
    statements = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    asked(connection, wanted, 50)
    event.remove(connection, "before_cursor_execute", note)
    [(statement, parameters)] = statements
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row.detail for row in rows]


class TestPages:
    @pytest.mark.parametrize(
        ("asked", "conditions", "found_by"),
        [
            (newest_exposures, {}, "environment=?"),
            (newest_exposures, FLAG, "environment=? AND flag=?"),
            (newest_exposures, UNIT, "environment=? AND unit_kind=? AND unit_key=?"),
            (newest_custom_events, {}, "environment=?"),
            (newest_custom_events, NAME, "environment=? AND name=?"),
            (newest_custom_events, UNIT, "environment=? AND unit_kind=? AND unit_key=?"),
        ],
    )
    def test_read_along_an_index(
        self, connection: Connection, asked: Any, conditions: Any, found_by: str
    ) -> None:
        """No event is read that is not on the page: neither newer ones, nor those of others."""
        first = plan_of(connection, asked, Wanted("shop/production", **conditions))
        later = Wanted("shop/production", **conditions, before=(1, "a"))
        next_one = plan_of(connection, asked, later)

        assert first[0].endswith(f"({found_by})")
        assert next_one[0].endswith(f"({found_by} AND (at,id)<(?,?))")
        assert not [step for step in first + next_one if "B-TREE" in step]
