"""What is said seldom."""

from __future__ import annotations

from pennon.web.seldom import Seldom


class TestSeldom:
    def test_once_a_minute(self) -> None:
        """The first time, and then not before a minute has gone."""
        moments = iter((0.0, 1.0, 59.0, 60.0, 61.0, 119.0, 500.0))
        seldom = Seldom(lambda: next(moments))

        assert [seldom.due() for _ in range(7)] == [True, False, False, True, False, False, True]
