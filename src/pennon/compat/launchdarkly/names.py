"""What is checked before it is written: kinds of context, references to attributes, seeds."""

from __future__ import annotations

from pennon.errors import Refused
from pennon.evaluation.attributes import KIND as KIND_ATTRIBUTE
from pennon.evaluation.attributes import Reference, parse_reference
from pennon.evaluation.numbers import MAX_SAFE_INTEGER
from pennon.model.context import KIND, MULTI

DEFAULT_KIND = "user"


def checked_kind(kind: str, path: str) -> str:
    """Return *kind* if a context can have it. Raises Refused at *path*."""
    # An empty kind would be read as "user", and no context has one of the others.
    if not KIND.fullmatch(kind) or kind in ("kind", MULTI):
        raise Refused.at(path, f"{kind!r} is no kind that a context can have")
    return kind


def checked_reference(text: str, path: str) -> Reference:
    """Return the names that *text* refers to. Raises Refused at *path* when it is malformed."""
    reference = parse_reference(text)
    if reference is None:
        # Theirs fails the whole evaluation here, also that of a flag which only requires this one.
        raise Refused.at(path, f"{text!r} is not an attribute reference")
    return reference


def checked_seed(seed: int, path: str) -> int:
    """Return *seed* if all SDKs read it alike. Raises Refused at *path*."""
    if seed == 0 or abs(seed) > MAX_SAFE_INTEGER:
        raise Refused.at(path, "SDKs differ on a seed of 0, and on one beyond 2**53 - 1")
    return seed


def not_the_kind(by: str, path: str) -> str:
    """Return *by* unless that is the name of the kind. Raises Refused at *path*."""
    # Theirs hashes the name; to us it is no attribute to bucket by, hence missing.
    if parse_reference(by) == KIND_ATTRIBUTE:
        raise Refused.at(path, "SDKs put all contexts of a kind into one bucket, and we do not")
    return by


def attribute_of(text: str, kind: str | None) -> str:
    """
    Return one of their references as ours.

    Without a kind theirs is a literal name, leading slash or not; with one it reads as ours does.
    """
    if kind or not text.startswith("/"):
        return text
    return "/" + text.replace("~", "~0").replace("/", "~1")


def bucketed_by(text: str | None, kind: str | None, path: str) -> str:
    """Return what they bucket by as ours. Raises Refused at *path*."""
    return not_the_kind(attribute_of(text, kind), path) if text else "key"
