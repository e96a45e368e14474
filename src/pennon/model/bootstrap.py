"""
What a page is given of its flags before it asks for any: the payload, and the tag that holds it.

    tag = bootstrap_tag(answer, nonce=nonce)     # the body that POST /bootstrap/v1 answered

It needs nothing of a server, so that any template can use it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from pennon.model.codec import decode
from pennon.model.context import Context
from pennon.model.context_hash import context_hash
from pennon.model.flag import Wire

NAME: Final = "__FLAG_BOOTSTRAP__"
"""Where a page finds it: a property of `window`, or the id of an element."""

_ESCAPED: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
_PROTOTYPE: Final = re.compile(r'(?<!\\)"__proto__":')


class BootstrapFlag(Wire, frozen=True, kw_only=True):
    """
    What one flag serves the context; `variation` is the index among the flag's variations.

    `track` says that whoever uses it is to tell of it, and by which rule it was served.
    """

    value: Any
    variation: int
    track: bool = False
    rule_id: str | None = None


class Bootstrap(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """
    What an environment at one version serves one context.

    `version` is ``"v"`` and the environment's version. `state` is what a client stream that goes on
    from here is asked `since`. `generated_at` is in epoch milliseconds,
    and `stale_ms` says for how long the node had heard nothing by then. A flag that has no value
    to serve is left out: the caller's default applies.
    """

    version: str
    flags: dict[str, BootstrapFlag]
    epoch: str
    environment: str
    context_hash: str
    state: str = ""
    generated_at: int
    stale_ms: int | None = None

    def is_for(self, context: Context) -> bool:
        """Return whether it was made for *context*, and may be used for it."""
        return self.context_hash == context_hash(context)


def bootstrap_tag(
    payload: Bootstrap | Mapping[str, Any] | bytes | str,
    *,
    nonce: str | None = None,
    executable: bool = True,
) -> str:
    """
    Return the script element that gives *payload* to a page; it may stand anywhere in HTML.

    *payload* may be what ``POST /bootstrap/v1`` answered, as it came. Where it is not
    *executable*, it is data that the page reads, which the strictest Content Security Policy
    allows without a *nonce*. Mark it as safe in a template that escapes what it is given.

    Raises BadInput when *payload* is text that is no JSON object.
    """
    if isinstance(payload, bytes | str):
        payload = decode(payload, dict[str, Any])
    # In ASCII: a line separator would end a line of script, and the page may be in any charset.
    text = json.dumps(msgspec.to_builtins(payload), ensure_ascii=True, separators=(",", ":"))
    text = text.translate(_ESCAPED)
    attributes = "" if nonce is None else f' nonce="{html.escape(nonce)}"'
    if not executable:
        return f'<script type="application/json" id="{NAME}"{attributes}>{text}</script>'
    # In JSON it is a name like any other; in a script it would set the object's prototype.
    text = _PROTOTYPE.sub('["__proto__"]:', text)
    return f"<script{attributes}>window.{NAME} = {text};</script>"
