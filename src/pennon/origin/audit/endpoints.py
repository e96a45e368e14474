"""The audit log over HTTP: each project's, and the installation's own."""

from __future__ import annotations

from functools import partial

from pennon.origin.audit import service
from pennon.origin.audit.schemas import AuditPage, AuditQuery, AuditView
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.projects.queries import require_project
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, Lines, NoQuery, get, get_lines
from pennon.web.permissions import ADMINISTER, READ


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/audit`` and ``/projects/{project}/audit``."""
    return [*_of_projects(origin), *_of_installation(origin)]


def _of_projects(origin: Origin) -> list[Endpoint]:
    async def chain_of(call: Call[None, AuditQuery] | Call[None, NoQuery]) -> str:
        await origin.read(partial(require_project, key=call["project"]))
        return call["project"]

    async def list_audit(call: Call[None, AuditQuery]) -> AuditPage:
        """List the changes made in a project, newest first unless asked otherwise."""
        chain = await chain_of(call)
        return await origin.read(lambda c: service.list_records(c, chain, call.query))

    async def get_audit_record(call: Call[None, NoQuery]) -> AuditView:
        """Return one change made in a project, by its number."""
        chain = await chain_of(call)
        return await origin.read(lambda c: service.find_record(c, chain, call["sequence"]))

    async def export_audit(call: Call[None, NoQuery]) -> Lines:
        """Stream a project's whole audit log as lines that can be verified elsewhere."""
        return Lines(await service.export_chain(origin.read, await chain_of(call)))

    path = "/api/v1/projects/{project}/audit"
    one = f"{path}/{{sequence}}"
    return [
        get(path, list_audit, needs=READ, query=AuditQuery, answer=AuditPage),
        get_lines(f"{path}/export", export_audit, needs=READ),
        get(one, get_audit_record, needs=READ, query=NoQuery, answer=AuditView),
    ]


def _of_installation(origin: Origin) -> list[Endpoint]:
    chain = INSTALLATION_CHAIN

    async def list_installation_audit(call: Call[None, AuditQuery]) -> AuditPage:
        """List the changes to what belongs to no project, such as keys and tokens."""
        return await origin.read(lambda c: service.list_records(c, chain, call.query))

    async def get_installation_audit_record(call: Call[None, NoQuery]) -> AuditView:
        """Return one change to what belongs to no project, by its number."""
        return await origin.read(lambda c: service.find_record(c, chain, call["sequence"]))

    async def export_installation_audit(_call: Call[None, NoQuery]) -> Lines:
        """Stream the installation's whole audit log as lines that can be verified elsewhere."""
        return Lines(await service.export_chain(origin.read, chain))

    path = "/api/v1/audit"
    one = f"{path}/{{sequence}}"
    return [
        get(path, list_installation_audit, needs=ADMINISTER, query=AuditQuery, answer=AuditPage),
        get_lines(f"{path}/export", export_installation_audit, needs=ADMINISTER),
        get(one, get_installation_audit_record, needs=ADMINISTER, query=NoQuery, answer=AuditView),
    ]
