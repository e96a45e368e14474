"""Segments over HTTP: in their project, and in each environment."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.dry_run import ChangeQuery, DryRun, change, rehearsable
from pennon.origin.schemas import ArchivedQuery
from pennon.origin.segments import definitions, memberships
from pennon.origin.segments.instructions import SegmentInstructions
from pennon.origin.segments.schemas import (
    Membership,
    NewSegment,
    SegmentDefinition,
    SegmentDefinitionPage,
    SegmentDefinitionView,
    SegmentPage,
    SegmentView,
)
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, MergePatch, NoQuery, act, get, patch, post, put
from pennon.web.permissions import READ, READ_PART, WRITE


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/segments``, of a project and of an environment."""
    return [*_in_project(origin), *_in_environment(origin)]


def _in_project(origin: Origin) -> list[Endpoint]:
    async def list_segments(call: Call[None, ArchivedQuery]) -> SegmentDefinitionPage:
        """List a project's segments in order of their keys."""
        return await origin.read(
            lambda c: definitions.list_segments(c, call["project"], call.query)
        )

    async def create_segment(call: Call[NewSegment, NoQuery]) -> SegmentDefinitionView:
        """Create a segment, without members, in every environment of its project."""
        return await origin.create(
            lambda tx: definitions.create(tx, call["project"], call.body, author_of(call)),
            call.once,
            call["project"],
        )

    async def get_segment(call: Call[None, NoQuery]) -> SegmentDefinitionView:
        """Return a segment as its project has it."""
        return await origin.read(lambda c: definitions.find(c, call["project"], call["segment"]))

    async def update_segment(call: Call[MergePatch, ChangeQuery]) -> SegmentDefinitionView | DryRun:
        """Change a segment in all environments at once; archive it, or bring it back."""
        return await change(
            origin,
            call,
            SegmentDefinition,
            lambda tx: definitions.change(
                tx, call["project"], call["segment"], call.body, author_of(call), call.if_match
            ),
        )

    many = "/api/v1/projects/{project}/segments"
    one = many + "/{segment}"
    return [
        get(
            many, list_segments, needs=READ_PART, query=ArchivedQuery, answer=SegmentDefinitionPage
        ),
        post(
            many,
            create_segment,
            needs=WRITE,
            body=NewSegment,
            answer=SegmentDefinitionView,
            location=lambda view: f"/api/v1/projects/{view.project}/segments/{view.key}",
        ),
        get(one, get_segment, needs=READ_PART, query=NoQuery, answer=SegmentDefinitionView),
        rehearsable(
            patch(
                one, update_segment, needs=WRITE, of=SegmentDefinition, answer=SegmentDefinitionView
            )
        ),
    ]


def _in_environment(origin: Origin) -> list[Endpoint]:
    async def list_environment_segments(call: Call[None, ArchivedQuery]) -> SegmentPage:
        """List an environment's segments in order of their keys."""
        return await origin.read(
            lambda c: memberships.list_segments(c, call["project"], call["environment"], call.query)
        )

    async def get_environment_segment(call: Call[None, NoQuery]) -> SegmentView:
        """Return a segment in an environment."""
        return await origin.read(
            lambda c: memberships.find(c, call["project"], call["environment"], call["segment"])
        )

    async def update_environment_segment(
        call: Call[MergePatch, ChangeQuery],
    ) -> SegmentView | DryRun:
        """
        Change who belongs to a segment in an environment.

        The answer's `version` is the one that the change took, and `propagation` says where to
        ask which points of presence have it.
        """
        return await change(
            origin,
            call,
            Membership,
            lambda tx: memberships.change(
                tx,
                call["project"],
                call["environment"],
                call["segment"],
                call.body,
                author_of(call),
                call.if_match,
            ),
        )

    async def replace_environment_segment(
        call: Call[Membership, ChangeQuery],
    ) -> SegmentView | DryRun:
        """
        Replace who belongs to a segment in an environment as a whole.

        What the body leaves out is empty. `If-Match` is required: it names the state that the
        new one was made from.
        """
        return await change(
            origin,
            call,
            Membership,
            lambda tx: memberships.put(
                tx,
                call["project"],
                call["environment"],
                call["segment"],
                call.body,
                author_of(call),
                call.if_match,
            ),
        )

    async def instruct_environment_segment(
        call: Call[SegmentInstructions, ChangeQuery],
    ) -> SegmentView | DryRun:
        """
        Carry out instructions on a segment in an environment, all or none.

        Each says what is meant and is carried out on the newest state, so that no change of
        another person is lost. Together they take one version, and none where all that they
        ask for is so already.
        """
        return await change(
            origin,
            call,
            Membership,
            lambda tx: memberships.instruct(
                tx,
                call["project"],
                call["environment"],
                call["segment"],
                call.body,
                author_of(call, call.body.comment),
                call.if_match,
            ),
        )

    many = "/api/v1/projects/{project}/environments/{environment}/segments"
    one = many + "/{segment}"
    return [
        get(many, list_environment_segments, needs=READ, query=ArchivedQuery, answer=SegmentPage),
        get(one, get_environment_segment, needs=READ, query=NoQuery, answer=SegmentView),
        rehearsable(
            patch(one, update_environment_segment, needs=WRITE, of=Membership, answer=SegmentView)
        ),
        rehearsable(
            put(one, replace_environment_segment, needs=WRITE, body=Membership, answer=SegmentView)
        ),
        rehearsable(
            act(
                one + "/instructions",
                instruct_environment_segment,
                needs=WRITE,
                body=SegmentInstructions,
                answer=SegmentView,
                if_match="optional",
            )
        ),
    ]
