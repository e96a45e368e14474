from __future__ import annotations

import subprocess
import sys

import pytest

FAILING = """
import logging

import structlog

from pennon.web import logs

logs.set_up()


def fail(password):
    raise ValueError("it failed")


try:
    fail("swordfish")
except ValueError:
    {logger}.exception("request_failed")
"""


class TestLogs:
    @pytest.mark.parametrize(
        "logger", ["structlog.get_logger('pennon')", "logging.getLogger('pennon')"]
    )
    def test_an_exception_tells_no_values(self, logger: str) -> None:
        """A traceback names lines; a variable of a failed request may hold a key."""
        done = subprocess.run(
            [sys.executable, "-c", FAILING.format(logger=logger)], capture_output=True, text=True
        )

        assert done.returncode == 0
        assert done.stdout == ""
        assert "swordfish" not in done.stderr
        assert '"event": "request_failed"' in done.stderr
        assert "ValueError: it failed" in done.stderr
