"""
Which keys can be listed. Pure.

They are narrower than what a context may have for a key: blanks around a key are those of a
spreadsheet, and a list is a file of lines.
"""

from __future__ import annotations

import re
from typing import Final

from pennon.model.members import LONGEST_KEY

MOST_LISTED: Final = 10_000_000
"""How many keys a segment may list in an environment."""

LONGEST_BYTES: Final = 2_048
"""How many bytes of UTF-8 a key may have: PostgreSQL's indexes hold no more than 2,700."""

_CONTROL: Final = re.compile(r"[\0-\x1f\x7f]")


def wrong_with(key: str) -> str | None:
    """Return what was expected instead of *key*, None where it can be listed."""
    if not key:
        return "expected a key, got nothing"
    if len(key) > LONGEST_KEY:
        return f"expected a key of at most {LONGEST_KEY} characters, got {len(key)}"
    if _CONTROL.search(key):
        return f"expected a key without control characters, got {key!r}"
    if key != key.strip():
        return f"expected a key without blanks around it, got {key!r}"
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        return f"expected a key of whole characters, got {key!r}"
    if length > LONGEST_BYTES:
        return f"expected a key of at most {LONGEST_BYTES} bytes of UTF-8, got {length}"
    return None
