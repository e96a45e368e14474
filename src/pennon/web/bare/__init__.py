"""
The data plane's own small HTTP/1.1 server: httptools parses, uvloop moves bytes, handlers are pure.

A general server spends more on a request than an evaluation does, and ten times the memory on a
stream; `docs/decisions/` has the figures. It serves an edge alone: no framework, no middleware.
"""

from pennon.web.bare.server import BareServer

__all__ = ["BareServer"]
