"""The flags of an environment, as the command line asks for them and changes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import httpx2

from pennon.cli.api_client import ApiClient, Query, given, segment
from pennon.cli.connection import Target


class FlagsClient(ApiClient):
    """The flags of one environment. Raises CommandFailed for whatever is not an answer."""

    def __init__(self, target: Target, transport: httpx2.BaseTransport | None = None) -> None:
        super().__init__(target, transport)
        project = segment(target.project, "--project")
        environment = segment(target.environment, "--environment")
        self._environment = f"/api/v1/projects/{project}/environments/{environment}"
        self._flags = f"{self._environment}/flags"

    def list(self, query: Query, limit: int | None = None) -> Iterator[bytes]:
        """Yield the JSON of each flag, at most *limit*, asking for a page when it is needed."""
        return self.pages(self._flags, query, limit)

    def show(self, key: str) -> bytes:
        """Return the JSON of a flag."""
        return self.ask("GET", self._path(key))

    def evaluations(self, key: str) -> bytes:
        """Return the JSON of how often a flag served what in the last day."""
        return self.ask("GET", f"{self._path(key)}/evaluations")

    def switch(
        self, key: str, *, enabled: bool, comment: str | None = None, dry_run: bool = False
    ) -> bytes:
        """Enable or disable a flag and return its JSON as it is now; or what that would do."""
        return self.ask(
            "PATCH",
            self._path(key),
            params=_rehearsed(dry_run),
            json={"enabled": enabled},
            headers=_headers(comment),
        )

    def instruct(
        self,
        key: str,
        instructions: Sequence[object],
        comment: str | None = None,
        *,
        dry_run: bool = False,
    ) -> bytes:
        """Carry out instructions on a flag, return its JSON as it is now; or what they would do."""
        return self.ask(
            "POST",
            f"{self._path(key)}/instructions",
            params=_rehearsed(dry_run),
            json={"instructions": instructions},
            headers=_headers(comment),
        )

    def copy(self, key: str, asked: object, comment: str | None = None) -> bytes:
        """Copy a flag to another environment, or ask what that would change."""
        return self.ask("POST", f"{self._path(key)}/copy", json=asked, headers=_headers(comment))

    def versions(self, key: str, limit: int | None = None) -> Iterator[bytes]:
        """Yield the JSON of each version of a flag, newest first, at most *limit*."""
        return self.pages(f"{self._path(key)}/versions", {}, limit)

    def diff(self, key: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return the JSON of what two versions of a flag differ in."""
        query = given({"from": start, "to": end})
        return self.ask("GET", f"{self._path(key)}/diff", params=query)

    def roll_back(self, key: str, version: int, comment: str | None = None) -> bytes:
        """Go back to a version of a flag and return the JSON of what came of it."""
        return self.ask(
            "POST",
            f"{self._path(key)}/rollback",
            json={"version": version},
            headers=_headers(comment),
        )

    def datafile(self, *, version: int | None = None, at: str | None = None) -> bytes:
        """Return the envelope of the environment as it was, now if neither is said."""
        query = given({"version": version, "at": at})
        return self.ask("GET", f"{self._environment}/datafile", params=query)

    def _path(self, key: str) -> str:
        return f"{self._flags}/{segment(key, 'KEY')}"


def _headers(comment: str | None) -> dict[str, str]:
    return {} if comment is None else {"X-Pennon-Comment": quote(comment, "")}


def _rehearsed(dry_run: bool) -> dict[str, str | list[str]] | None:
    return {"dryRun": "true"} if dry_run else None
