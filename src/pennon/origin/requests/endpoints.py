"""Change requests over HTTP."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.requests import rehearsing, service
from pennon.origin.requests.schemas import (
    ChangeRequest,
    ChangeRequestPage,
    ChangeRequestSummary,
    NewChangeRequest,
    RequestQuery,
    ReviewBody,
)
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, NoQuery, act, get, post
from pennon.web.permissions import APPROVE, READ, WRITE

_MANY = "/api/v1/projects/{project}/environments/{environment}/change-requests"


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below an environment's ``/change-requests``."""

    async def list_change_requests(call: Call[None, RequestQuery]) -> ChangeRequestPage:
        """List an environment's change requests in the order of their proposal."""
        return await origin.read(
            lambda c: service.list_requests(c, call["project"], call["environment"], call.query)
        )

    async def propose_change(call: Call[NewChangeRequest, NoQuery]) -> ChangeRequestSummary:
        """Propose a change of a flag or a segment in an environment."""
        author = author_of(call, call.body.comment)
        return await rehearsing.propose(
            origin, call["project"], call["environment"], call.body, author, call.once
        )

    async def get_change_request(call: Call[None, NoQuery]) -> ChangeRequest:
        """Return a change request, with what it would do now."""
        return await rehearsing.look(origin, call["project"], call["environment"], call["request"])

    async def review_change(call: Call[ReviewBody, NoQuery]) -> ChangeRequestSummary:
        """Approve a change that another person proposed, or reject it, which ends it."""
        author = author_of(call, call.body.comment)
        return await origin.write(
            lambda tx: service.review(
                tx, call["project"], call["environment"], call["request"], call.body, author
            ),
            call["project"],
        )

    async def apply_change(call: Call[None, NoQuery]) -> ChangeRequestSummary:
        """Make a change that was approved, if it still does what it did when it was proposed."""
        return await origin.write(
            lambda tx: service.apply(
                tx, call["project"], call["environment"], call["request"], author_of(call)
            ),
            call["project"],
        )

    async def withdraw_change(call: Call[None, NoQuery]) -> ChangeRequestSummary:
        """Take back a change that was proposed."""
        return await origin.write(
            lambda tx: service.withdraw(
                tx, call["project"], call["environment"], call["request"], author_of(call)
            ),
            call["project"],
        )

    one = _MANY + "/{request}"
    return [
        get(_MANY, list_change_requests, needs=READ, query=RequestQuery, answer=ChangeRequestPage),
        post(
            _MANY,
            propose_change,
            needs=WRITE,
            body=NewChangeRequest,
            answer=ChangeRequestSummary,
            location=_address_of,
        ),
        get(one, get_change_request, needs=READ, query=NoQuery, answer=ChangeRequest),
        act(
            one + "/review",
            review_change,
            needs=APPROVE,
            body=ReviewBody,
            answer=ChangeRequestSummary,
        ),
        act(one + "/apply", apply_change, needs=WRITE, answer=ChangeRequestSummary),
        act(one + "/withdraw", withdraw_change, needs=WRITE, answer=ChangeRequestSummary),
    ]


def _address_of(view: ChangeRequestSummary) -> str:
    many = _MANY.format(project=view.project, environment=view.environment)
    return f"{many}/{view.id}"
