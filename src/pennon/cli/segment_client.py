"""The segments of an environment and their members, as the command line asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

import httpx2

from pennon.cli.api_client import ApiClient, Query, segment
from pennon.cli.connection import Target

_LONG: Final = 900.0
"""Seconds that a list of ten million keys may take, sorted and written."""


class SegmentsClient(ApiClient):
    """The segments of one environment. Raises CommandFailed for whatever is not an answer."""

    def __init__(self, target: Target, transport: httpx2.BaseTransport | None = None) -> None:
        super().__init__(target, transport)
        project = segment(target.project, "--project")
        environment = segment(target.environment, "--environment")
        self._segments = f"/api/v1/projects/{project}/environments/{environment}/segments"

    def list(self, query: Query, limit: int | None = None) -> Iterator[bytes]:
        """Yield the JSON of each segment, at most *limit*, a page when it is needed."""
        return self.pages(self._segments, query, limit)

    def show(self, key: str) -> bytes:
        """Return the JSON of a segment."""
        return self.ask("GET", self._path(key))

    def state(self, key: str) -> bytes:
        """Return the JSON of a page of one member, which says of how many it is."""
        return self.ask("GET", self._members(key), params={"limit": "1"})

    def members(self, key: str, query: Query, limit: int | None) -> Iterator[bytes]:
        """Yield the JSON of each member, at most *limit*, a page when it is needed."""
        return self.pages(self._members(key), query, limit)

    def look_up(self, key: str, keys: Iterable[str]) -> bytes:
        """Return the JSON of what is known of some keys."""
        return self.ask("POST", f"{self._members(key)}/lookup", json={"keys": [*keys]})

    def change(
        self, key: str, asked: dict[str, Any], comment: str | None, *, dry_run: bool
    ) -> bytes:
        """Add, exclude and remove some members, or ask what that would change."""
        return self.ask(
            "POST",
            f"{self._members(key)}/changes",
            json=asked,
            params=_rehearsed(dry_run),
            headers=_headers(comment),
        )

    def upload(
        self,
        key: str,
        content: Iterable[bytes],
        media_type: str,
        if_match: str,
        comment: str | None = None,
        *,
        dry_run: bool,
    ) -> bytes:
        """Replace all members by a list, or ask what that would change."""
        return self.ask(
            "PUT",
            self._members(key),
            content=content,
            params=_rehearsed(dry_run),
            headers={"Content-Type": media_type, "If-Match": if_match, **_headers(comment)},
            patience=_LONG,
        )

    def clear(self, key: str, if_match: str, comment: str | None) -> bytes:
        """Remove all members."""
        headers = {"If-Match": if_match, **_headers(comment)}
        return self.ask("DELETE", self._members(key), headers=headers, patience=_LONG)

    def download(self, key: str) -> Iterator[bytes]:
        """Yield all members as CSV."""
        return self.stream(f"{self._members(key)}/download", _LONG)

    def _path(self, key: str) -> str:
        return f"{self._segments}/{segment(key, 'SEGMENT_KEY')}"

    def _members(self, key: str) -> str:
        return f"{self._path(key)}/members"


def _headers(comment: str | None) -> dict[str, str]:
    return {} if comment is None else {"X-Pennon-Comment": quote(comment, "")}


def _rehearsed(dry_run: bool) -> dict[str, str | list[str]] | None:
    return {"dryRun": "true"} if dry_run else None
