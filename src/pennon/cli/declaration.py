"""The flags of a project as TypeScript declares them: which there are, and of what type."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

Side = Literal["web", "mobile"]

_TYPES: Final = {
    "boolean": "boolean",
    "string": "string",
    "integer": "number",
    "float": "number",
    "json": "unknown",
}
_PLAIN: Final = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_HEAD: Final = """\
// Written by `pennon types`: do not change it.
import "@pennon/browser";

declare module "@pennon/browser" {
  interface FlagTypes {
"""
_FOOT: Final = """\
  }
}
"""


def visible(flags: Mapping[str, Mapping[str, Any]], side: Side | None) -> dict[str, Any]:
    """Return the flags that pages (``"web"``) or apps see; by default those that either sees."""
    return {
        key: flags[key]
        for key in sorted(flags)
        if any(
            shown and side in (None, name)
            for name, shown in flags[key].get("clientSide", {}).items()
        )
    }


def declaration_of(flags: Mapping[str, Mapping[str, Any]]) -> str:
    """
    Return a ``.d.ts`` that adds *flags*, as a configuration has them, to the package's types.

    A value has the type of its flag, which stays; the values that it may take do not.
    """
    lines = [
        f"{_comment(flag)}    {_name(key)}: {_TYPES.get(flag['type'], 'unknown')};\n"
        for key, flag in flags.items()
    ]
    return f"{_HEAD}{''.join(lines)}{_FOOT}"


def _name(key: str) -> str:
    # as formatters would have it, for the file may be formatted with the others
    return key if _PLAIN.fullmatch(key) else json.dumps(key)


def _comment(flag: Mapping[str, Any]) -> str:
    text = " ".join(flag.get("description", "").replace("*/", "*\\/").split())
    return f"    /** {text} */\n" if text else ""
