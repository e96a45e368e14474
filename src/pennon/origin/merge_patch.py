"""JSON merge patches (RFC 7396), applied to an editable object as it is written in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from pennon.errors import BadInput, Fault
from pennon.model.codec import decode

S = TypeVar("S", bound=Struct)


def merge_patch(target: object, patch: object) -> Any:
    """Return *target* changed by *patch*: objects merge, null removes, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def patched(current: S, patch: Mapping[str, Any], elsewhere: Mapping[str, str]) -> S:
    """
    Return *current* changed by *patch* and checked against its own type.

    *elsewhere* says of fields that are not the object's where they belong. Raises BadInput with
    the path of what is wrong.
    """
    known = {field.encode_name for field in msgspec.structs.fields(current)}
    strangers = [
        Fault(f"$.{name}", elsewhere.get(name, "unknown field"))
        for name in patch
        if name not in known
    ]
    if strangers:
        raise BadInput(strangers)
    # Through JSON and back, so that it is checked just as a whole body would be.
    merged = merge_patch(msgspec.json.decode(msgspec.json.encode(current)), dict(patch))
    return decode(msgspec.json.encode(merged), type(current))
