"""The history over HTTP: versions of flags and segments, and environments as they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from msgspec import Struct

from pennon.model.messages import ItemKind
from pennon.origin.authors import Author, author_of
from pennon.origin.changelog import Transaction
from pennon.origin.dry_run import ChangeQuery, DryRun, change, rehearsable
from pennon.origin.flags.schemas import Targeting
from pennon.origin.history import service
from pennon.origin.history.datafiles import datafile
from pennon.origin.history.rollback import roll_back_flag, roll_back_segment
from pennon.origin.history.schemas import (
    DatafileQuery,
    DatafileView,
    Diff,
    DiffQuery,
    Rollback,
    RolledBack,
    VersionPage,
    VersionsQuery,
    VersionView,
)
from pennon.origin.history.views import datafile_view, version_number
from pennon.origin.segments.schemas import Membership
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, NoQuery, act, get
from pennon.web.etag import Tags
from pennon.web.permissions import READ, WRITE

RollBackService = Callable[[Transaction, str, str, str, Rollback, Author, Tags], RolledBack]
"""Rolls back an item by its project, its environment and its key."""

_ENVIRONMENT: Final = "/api/v1/projects/{project}/environments/{environment}"


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served of the past."""
    return [*_of_flags(origin), *_of_segments(origin), _of_environments(origin)]


def _of_flags(origin: Origin) -> list[Endpoint]:
    past = _Past(origin, "flag")

    async def list_flag_versions(call: Call[None, VersionsQuery]) -> VersionPage:
        """List the versions of a flag in an environment, newest first."""
        return await past.versions(call)

    async def get_flag_version(call: Call[None, NoQuery]) -> VersionView:
        """Return what a flag was at a version of its environment."""
        return await past.version(call)

    async def diff_flag(call: Call[None, DiffQuery]) -> Diff:
        """Show what two versions of a flag differ in; by default its newest change."""
        return await past.diff(call)

    async def roll_flag_back(call: Call[Rollback, ChangeQuery]) -> RolledBack | DryRun:
        """
        Serve whom a flag served at an earlier version, as a new version.

        What the environment has for itself is restored: `enabled`, `off`, `requires`, `targets`,
        `rules`, `default` and `track`. What belongs to the project stays as it is now.
        """
        return await past.roll_back(call, Targeting, roll_back_flag)

    return _declared(
        "/flags/{flag}", list_flag_versions, get_flag_version, diff_flag, roll_flag_back
    )


def _of_segments(origin: Origin) -> list[Endpoint]:
    past = _Past(origin, "segment")

    async def list_segment_versions(call: Call[None, VersionsQuery]) -> VersionPage:
        """List the versions of a segment in an environment, newest first."""
        return await past.versions(call)

    async def get_segment_version(call: Call[None, NoQuery]) -> VersionView:
        """Return what a segment was at a version of its environment."""
        return await past.version(call)

    async def diff_segment(call: Call[None, DiffQuery]) -> Diff:
        """Show what two versions of a segment differ in; by default its newest change."""
        return await past.diff(call)

    async def roll_segment_back(call: Call[Rollback, ChangeQuery]) -> RolledBack | DryRun:
        """
        Let those belong to a segment who did at an earlier version, as a new version.

        What the environment has for itself is restored: `include`, `exclude` and `rules`.
        """
        return await past.roll_back(call, Membership, roll_back_segment)

    return _declared(
        "/segments/{segment}",
        list_segment_versions,
        get_segment_version,
        diff_segment,
        roll_segment_back,
    )


class _Past:
    """What is done alike with the past of flags and of segments."""

    def __init__(self, origin: Origin, kind: ItemKind) -> None:
        self._origin, self._kind = origin, kind

    async def versions(self, call: Call[None, VersionsQuery]) -> VersionPage:
        return await self._origin.read(
            lambda c: service.list_versions(c, *self._place(call), call.query)
        )

    async def version(self, call: Call[None, NoQuery]) -> VersionView:
        number = version_number(call["version"])
        return await self._origin.read(
            lambda c: service.find_version(c, *self._place(call), number)
        )

    async def diff(self, call: Call[None, DiffQuery]) -> Diff:
        return await self._origin.read(lambda c: service.diff(c, *self._place(call), call.query))

    async def roll_back(
        self, call: Call[Rollback, ChangeQuery], part: type[Struct], back: RollBackService
    ) -> RolledBack | DryRun:
        project, environment, _, key = self._place(call)
        author = author_of(call, call.body.comment)
        return await change(
            self._origin,
            call,
            part,
            lambda tx: back(tx, project, environment, key, call.body, author, call.if_match),
        )

    def _place(self, call: Call[Any, Any]) -> tuple[str, str, ItemKind, str]:
        return call["project"], call["environment"], self._kind, call[self._kind]


def _declared(
    path: str,
    versions: Callable[[Call[None, VersionsQuery]], Awaitable[VersionPage]],
    version: Callable[[Call[None, NoQuery]], Awaitable[VersionView]],
    diff: Callable[[Call[None, DiffQuery]], Awaitable[Diff]],
    rollback: Callable[[Call[Rollback, ChangeQuery]], Awaitable[RolledBack | DryRun]],
) -> list[Endpoint]:
    one = _ENVIRONMENT + path
    many = one + "/versions"
    return [
        get(many, versions, needs=READ, query=VersionsQuery, answer=VersionPage),
        get(many + "/{version}", version, needs=READ, query=NoQuery, answer=VersionView),
        get(one + "/diff", diff, needs=READ, query=DiffQuery, answer=Diff),
        rehearsable(
            act(
                one + "/rollback",
                rollback,
                needs=WRITE,
                body=Rollback,
                answer=RolledBack,
                if_match="optional",
            )
        ),
    ]


def _of_environments(origin: Origin) -> Endpoint:
    async def get_datafile(call: Call[None, DatafileQuery]) -> DatafileView:
        """
        Return all that an environment held at a version or by a time; now, if neither is said.

        It is the envelope that nodes exchange, the items byte for byte as followers had them.
        """
        return datafile_view(
            await origin.read(
                lambda c: datafile(c, call["project"], call["environment"], call.query)
            )
        )

    return get(
        _ENVIRONMENT + "/datafile",
        get_datafile,
        needs=READ,
        query=DatafileQuery,
        answer=DatafileView,
    )
