"""How a dry run is drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pennon.cli.dry_run_view import dry_run_text
from pennon.cli.errors import CommandFailed

DIFF = [{"path": "$.enabled", "before": False, "after": True}]


def drawn(**fields: Any) -> list[str]:
    """Return the lines for a dry run of turning a flag on."""
    view = {"valid": True, "diff": DIFF, "sentences": ["turned on"], "affected": None, **fields}
    return dry_run_text(json.dumps(view).encode(), "checkout", "shop/production").plain.splitlines()


def an_affected(**fields: Any) -> dict[str, Any]:
    return {
        "sampled": 180,
        "changed": 12,
        "byVariation": [
            {"environment": "production", "flag": "page", "from": "off", "to": None, "count": 12}
        ],
        "examples": [
            {
                "environment": "production",
                "flag": "page",
                "context": {"user": {"key": "ada", "plan": "pro"}, "device": {"key": "d1"}},
                "from": {"variation": "off", "value": False},
                "to": {"variation": None},
            }
        ],
        **fields,
    }


class TestDryRun:
    def test_what_and_for_whom(self) -> None:
        """What would be different, how many are affected, and some of them by name."""
        assert drawn(affected=an_affected()) == [
            "checkout in shop/production: turned on (a dry run, nothing was changed)",
            "  ~ enabled: false → true",
            "12 of 180 contexts seen lately would get another answer.",
            "  12 × page: off → the caller's default",
            '  device d1, user ada {"plan":"pro"}: page off (false) → the caller\'s default',
        ]

    def test_nobody_known(self) -> None:
        """Without a sample it is said what would give one."""
        assert "--contexts" in drawn(affected=an_affected(sampled=0, changed=0))[-1]

    def test_not_all(self) -> None:
        """Where more flags depend on it, the number is not passed off as whole."""
        assert drawn(affected=an_affected(complete=False))[2].endswith("more depend on it.")

    def test_nothing(self) -> None:
        """A change that changes nothing says so."""
        assert drawn(diff=[], sentences=[]) == [
            "checkout in shop/production: nothing is different (a dry run, nothing was changed)"
        ]

    def test_refused(self) -> None:
        """What would be refused says why."""
        lines = drawn(valid=False, errors=[{"path": "$.off", "message": "expected one of 'on'"}])

        assert lines == [
            "checkout in shop/production would not be changed:",
            "  $.off: expected one of 'on'",
        ]

    def test_unreadable(self) -> None:
        """An answer that is none fails."""
        with pytest.raises(CommandFailed):
            dry_run_text(b"[]", "f", "shop/production")
