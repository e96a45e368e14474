"""The errors of the command line's own."""

from __future__ import annotations

from pennon.errors import PennonError


class CommandFailed(PennonError):
    """What was asked could not be done; its first line says what, further ones say more."""


class Differs(CommandFailed):
    """Nothing failed, and what was compared is not the same."""
