"""The error of the command line's own: what was asked could not be done."""

from __future__ import annotations

from pennon.errors import PennonError


class CommandFailed(PennonError):
    """What was asked could not be done; its first line says what, further ones say more."""
