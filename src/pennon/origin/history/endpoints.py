"""The history over HTTP: versions of flags and segments, and environments as they were."""

from __future__ import annotations

from typing import Final

from pennon.origin.authors import author_of
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
from pennon.web.permissions import READ, WRITE

_ENVIRONMENT: Final = "/api/v1/projects/{project}/environments/{environment}"


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served of the past."""
    return [*_of_flags(origin), *_of_segments(origin), _of_environments(origin)]


def _of_flags(origin: Origin) -> list[Endpoint]:
    async def list_flag_versions(call: Call[None, VersionsQuery]) -> VersionPage:
        """List the versions of a flag in an environment, newest first."""
        return await origin.read(
            lambda c: service.list_versions(
                c, call["project"], call["environment"], "flag", call["flag"], call.query
            )
        )

    async def get_flag_version(call: Call[None, NoQuery]) -> VersionView:
        """Return what a flag was at a version of its environment."""
        version = version_number(call["version"])
        return await origin.read(
            lambda c: service.find_version(
                c, call["project"], call["environment"], "flag", call["flag"], version
            )
        )

    async def diff_flag(call: Call[None, DiffQuery]) -> Diff:
        """Show what two versions of a flag differ in; by default its newest change."""
        return await origin.read(
            lambda c: service.diff(
                c, call["project"], call["environment"], "flag", call["flag"], call.query
            )
        )

    async def roll_flag_back(call: Call[Rollback, ChangeQuery]) -> RolledBack | DryRun:
        """
        Serve whom a flag served at an earlier version, as a new version.

        What the environment has for itself is restored: `enabled`, `off`, `requires`, `targets`,
        `rules`, `default` and `track`. What belongs to the project stays as it is now.
        """
        return await change(
            origin,
            call,
            Targeting,
            lambda tx: roll_back_flag(
                tx,
                call["project"],
                call["environment"],
                call["flag"],
                call.body,
                author_of(call, call.body.comment),
                call.if_match,
            ),
        )

    one = _ENVIRONMENT + "/flags/{flag}"
    return [
        get(
            one + "/versions",
            list_flag_versions,
            needs=READ,
            query=VersionsQuery,
            answer=VersionPage,
        ),
        get(
            one + "/versions/{version}",
            get_flag_version,
            needs=READ,
            query=NoQuery,
            answer=VersionView,
        ),
        get(one + "/diff", diff_flag, needs=READ, query=DiffQuery, answer=Diff),
        rehearsable(
            act(
                one + "/rollback",
                roll_flag_back,
                needs=WRITE,
                body=Rollback,
                answer=RolledBack,
                if_match="optional",
            )
        ),
    ]


def _of_segments(origin: Origin) -> list[Endpoint]:
    async def list_segment_versions(call: Call[None, VersionsQuery]) -> VersionPage:
        """List the versions of a segment in an environment, newest first."""
        return await origin.read(
            lambda c: service.list_versions(
                c, call["project"], call["environment"], "segment", call["segment"], call.query
            )
        )

    async def get_segment_version(call: Call[None, NoQuery]) -> VersionView:
        """Return what a segment was at a version of its environment."""
        version = version_number(call["version"])
        return await origin.read(
            lambda c: service.find_version(
                c, call["project"], call["environment"], "segment", call["segment"], version
            )
        )

    async def diff_segment(call: Call[None, DiffQuery]) -> Diff:
        """Show what two versions of a segment differ in; by default its newest change."""
        return await origin.read(
            lambda c: service.diff(
                c, call["project"], call["environment"], "segment", call["segment"], call.query
            )
        )

    async def roll_segment_back(call: Call[Rollback, ChangeQuery]) -> RolledBack | DryRun:
        """
        Let those belong to a segment who did at an earlier version, as a new version.

        What the environment has for itself is restored: `include`, `exclude` and `rules`.
        """
        return await change(
            origin,
            call,
            Membership,
            lambda tx: roll_back_segment(
                tx,
                call["project"],
                call["environment"],
                call["segment"],
                call.body,
                author_of(call, call.body.comment),
                call.if_match,
            ),
        )

    one = _ENVIRONMENT + "/segments/{segment}"
    return [
        get(
            one + "/versions",
            list_segment_versions,
            needs=READ,
            query=VersionsQuery,
            answer=VersionPage,
        ),
        get(
            one + "/versions/{version}",
            get_segment_version,
            needs=READ,
            query=NoQuery,
            answer=VersionView,
        ),
        get(one + "/diff", diff_segment, needs=READ, query=DiffQuery, answer=Diff),
        rehearsable(
            act(
                one + "/rollback",
                roll_segment_back,
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
