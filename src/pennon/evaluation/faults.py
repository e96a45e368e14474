"""What goes wrong within an evaluation: raised where it is met, and a reason in the answer."""

from __future__ import annotations

from pennon.model.detail import Detail, ErrorCode


class Malformed(Exception):
    """Evaluation reached a part that cannot be resolved. Its text says which."""


class FlagCycle(Malformed):
    """Evaluation came to the flag *key*, which it is inside of."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"the prerequisites of {key!r} lead back to it")


class NeedsRun(Exception):
    """An external segment was reached without a `Run` that can ask; evaluate again with one."""


def error(flag: str, code: ErrorCode, message: str, version: int = 0) -> Detail:
    """Return the answer that is an error."""
    return Detail(
        flag=flag, reason="ERROR", error_code=code, error_message=message, version=version
    )
