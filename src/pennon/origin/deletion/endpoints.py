"""Deletion over HTTP: take away what is archived, bring it back, or let it go for good."""

from __future__ import annotations

from typing import Any

from pennon.model.messages import ItemKind
from pennon.origin.authors import author_of
from pennon.origin.deletion import service
from pennon.origin.deletion.clearing import clear
from pennon.origin.deletion.schemas import Deleted, DeletedPage, Purged, Restored
from pennon.origin.schemas import ListQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, NoQuery, act, delete, get
from pennon.web.permissions import ADMINISTER, READ, WRITE


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what deletes flags and segments, and what is served below ``/deleted``."""

    async def deleted(call: Call[Any, NoQuery], kind: ItemKind) -> Deleted:
        author = author_of(call)
        return await origin.write(
            lambda tx: service.delete(tx, call["project"], kind, call[kind], author, call.if_match),
            call["project"],
        )

    async def delete_flag(call: Call[None, NoQuery]) -> Deleted:
        """Delete an archived flag; it can be restored until it is purged."""
        return await deleted(call, "flag")

    async def delete_segment(call: Call[None, NoQuery]) -> Deleted:
        """Delete an archived segment; it can be restored until it is purged."""
        return await deleted(call, "segment")

    async def list_deleted(call: Call[None, ListQuery]) -> DeletedPage:
        """List a project's deleted flags and segments."""
        return await origin.read(lambda c: service.list_deleted(c, call["project"], call.query))

    async def restore_deleted(call: Call[None, NoQuery]) -> Restored:
        """Bring back a deleted flag or segment, archived, as it was."""
        return await origin.write(
            lambda tx: service.restore(
                tx, call["project"], call["kind"], call["key"], author_of(call)
            ),
            call["project"],
        )

    async def purge_deleted(call: Call[None, NoQuery]) -> Purged:
        """Let go of a deleted flag or segment for good; its key is free again."""
        await clear(origin.database, call["project"], call["kind"], call["key"])
        return await origin.write(
            lambda tx: service.purge(
                tx, call["project"], call["kind"], call["key"], author_of(call)
            ),
            call["project"],
        )

    project = "/api/v1/projects/{project}"
    one = project + "/deleted/{kind}/{key}"
    return [
        delete(
            project + "/flags/{flag}",
            delete_flag,
            needs=WRITE,
            answer=Deleted,
            if_match="optional",
        ),
        delete(
            project + "/segments/{segment}",
            delete_segment,
            needs=WRITE,
            answer=Deleted,
            if_match="optional",
        ),
        get(project + "/deleted", list_deleted, needs=READ, query=ListQuery, answer=DeletedPage),
        act(one + "/restore", restore_deleted, needs=WRITE, answer=Restored),
        delete(one, purge_deleted, needs=ADMINISTER, answer=Purged),
    ]
