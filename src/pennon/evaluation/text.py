"""Text as every language hashes and searches it: a lone surrogate is U+FFFD."""

from __future__ import annotations


def encode_text(text: str) -> bytes:
    """Return *text* in UTF-8; half of a surrogate pair becomes U+FFFD, a pair its character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        utf16 = text.encode("utf-16-le", "surrogatepass")
        return utf16.decode("utf-16-le", "replace").encode()
