"""How a client asks its edge: with its key, by the way that it was told."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit

from pennon.sdk.options import Options


def http_options(options: Options) -> dict[str, Any]:
    """Return how everything is asked, for a client of either kind."""
    return {
        "headers": {"Authorization": f"Bearer {options.key}"},
        "timeout": options.timeout,
        "proxy": options.proxy,
        "verify": _trusted(options),
    }


def _trusted(options: Options) -> ssl.SSLContext | bool:
    """Return the certificates to trust; to read them takes 20 ms, for nothing without TLS."""
    addresses = (options.url, options.proxy or "http:")
    if all(urlsplit(address).scheme == "http" for address in addresses):
        return False
    return ssl.create_default_context(cafile=options.ca and str(options.ca))
