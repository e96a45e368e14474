"""Where a namespace of Cloudflare's KV is: ``cloudflare://ACCOUNT/NAMESPACE``."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

CLOUDFLARE: Final = "cloudflare://"

_ADDRESS: Final = re.compile(
    rf"{CLOUDFLARE}(?P<account>[0-9a-f]{{32}})/(?P<namespace>[0-9a-f]{{32}})", re.ASCII
)


class CloudflareAddress(NamedTuple):
    """An account and a namespace of it, as Cloudflare's dashboard shows them."""

    account: str
    namespace: str


def is_cloudflare(text: str) -> bool:
    """Return whether *text* is meant as such an address."""
    return text.startswith(CLOUDFLARE)


def cloudflare_address(text: str) -> CloudflareAddress | None:
    """Return what *text* names, None where it is no such address."""
    found = _ADDRESS.fullmatch(text)
    return found and CloudflareAddress(found["account"], found["namespace"])
