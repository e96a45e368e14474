"""Whom `pennon eval` evaluates for: a context of JSON, of attributes, or of both."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from pennon.cli.eval_options import ContextOptions
from pennon.errors import BadInput
from pennon.evaluation.attributes import parse_reference
from pennon.model.codec import decode
from pennon.model.context import Context


def read_context(options: ContextOptions) -> Context:
    """Return the context. Raises BadInput at the option that is wrong."""
    kinds = {} if options.context is None else dict(_given(options.context).kinds)
    if options.context is None or options.user is not None or options.attr:
        kind = options.kind or ("user" if len(kinds) != 1 else next(iter(kinds)))
        kinds[kind] = _described(kinds.get(kind, {}), options)
    elif options.kind is not None:
        raise BadInput.at(
            "--kind", "expected --user or --attr beside it; --context names its own kinds"
        )
    return Context.of({"kind": "multi", **kinds}, "--kind")


def _given(text: str) -> Context:
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput.at("--context", f"expected a file that can be read: {error}") from None
    try:
        return Context.of(decode(text, object))
    except BadInput as error:
        raise BadInput.at("--context", str(error)) from None


def _described(attributes: dict[str, Any], options: ContextOptions) -> dict[str, Any]:
    """Return *attributes* with those of `--user` and `--attr`."""
    described = dict(attributes)
    if options.user is not None:
        described["key"] = options.user
    for text in options.attr:
        name, equals, value = text.partition("=")
        reference = parse_reference(name)
        if not equals or reference is None:
            raise BadInput.at("--attr", f"expected one such as plan=pro, got {text!r}")
        _put(described, reference, _value(value))
    return described


def _put(attributes: dict[str, Any], reference: tuple[str, ...], value: Any) -> None:
    """Set what *reference* refers to; objects on the way are copied or made."""
    *parents, last = reference
    for name in parents:
        held = attributes.get(name)
        attributes[name] = dict(held) if isinstance(held, dict) else {}
        attributes = attributes[name]
    attributes[last] = value


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text
