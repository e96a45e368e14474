"""The audit log over HTTP."""

from __future__ import annotations

from pennon.origin.audit import service
from pennon.origin.audit.schemas import AuditPage, AuditQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, get
from pennon.web.permissions import READ


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/audit``."""

    async def list_audit(call: Call[None, AuditQuery]) -> AuditPage:
        """List the changes made in a project, newest first."""
        return await origin.read(lambda c: service.list_records(c, call["project"], call.query))

    return [
        get(
            "/api/v1/projects/{project}/audit",
            list_audit,
            needs=READ,
            query=AuditQuery,
            answer=AuditPage,
        )
    ]
