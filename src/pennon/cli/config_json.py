"""JSON of files that people may have edited: a key that stands twice is found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from pennon.cli.config_parsed import Parsed, is_too_deep
from pennon.errors import BadInput, Fault

_TOO_DEEP: Final = "expected JSON that is nested less deeply"
_BLANK: Final = " \t\r\n"


def read_json(text: str) -> list[Parsed]:
    """Return the JSON documents in *text*, one after another. Raises BadInput at ``line N``."""
    found, position = [], 0
    while position < len(text):
        if text[position] in _BLANK:
            position += 1
            continue
        twice: list[str] = []
        decoder = json.JSONDecoder(
            object_pairs_hook=_noting(twice), parse_constant=_refuse, strict=True
        )
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise BadInput.at(f"line {error.lineno}", f"is no JSON: {error.msg}") from None
        except RecursionError:
            raise BadInput.at("$", _TOO_DEEP) from None
        except ValueError as error:
            raise BadInput.at("$", f"is no JSON: {error}") from None
        if is_too_deep(value):
            raise BadInput.at("$", _TOO_DEEP)
        faults = tuple(Fault("$", f"the key {key!r} is there twice in one object") for key in twice)
        found.append(Parsed(value, faults=faults))
    return found


def write_json(documents: Iterable[object]) -> str:
    """Return *documents* as text, indented, one after another."""
    return "".join(
        json.dumps(one, indent=2, ensure_ascii=False, allow_nan=False) + "\n" for one in documents
    )


def _noting(twice: list[str]) -> Any:
    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                twice.append(key)
            found[key] = value
        return found

    return note


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
