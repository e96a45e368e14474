"""Schedules over HTTP."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.schedules import service
from pennon.origin.schedules.schemas import NewSchedule, Schedule, SchedulePage, ScheduleQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, NoQuery, act, get, post
from pennon.web.permissions import READ, WRITE

_MANY = "/api/v1/projects/{project}/environments/{environment}/schedules"


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below an environment's ``/schedules``."""

    async def list_schedules(call: Call[None, ScheduleQuery]) -> SchedulePage:
        """List an environment's schedules in the order of their creation."""
        return await origin.read(
            lambda c: service.list_schedules(c, call["project"], call["environment"], call.query)
        )

    async def create_schedule(call: Call[NewSchedule, NoQuery]) -> Schedule:
        """Schedule a change of a flag in an environment, or a window in which it is on."""
        author = author_of(call, call.body.comment)
        return await service.schedule(
            origin, call["project"], call["environment"], call.body, author, call.once
        )

    async def get_schedule(call: Call[None, NoQuery]) -> Schedule:
        """Return a schedule."""
        return await origin.read(
            lambda c: service.find(c, call["project"], call["environment"], call["schedule"])
        )

    async def cancel_schedule(call: Call[None, NoQuery]) -> Schedule:
        """Cancel what is still to be done of a schedule."""
        return await origin.write(
            lambda tx: service.cancel(
                tx, call["project"], call["environment"], call["schedule"], author_of(call)
            ),
            call["project"],
        )

    one = _MANY + "/{schedule}"
    return [
        get(_MANY, list_schedules, needs=READ, query=ScheduleQuery, answer=SchedulePage),
        post(
            _MANY,
            create_schedule,
            needs=WRITE,
            body=NewSchedule,
            answer=Schedule,
            location=_address_of,
        ),
        get(one, get_schedule, needs=READ, query=NoQuery, answer=Schedule),
        act(one + "/cancel", cancel_schedule, needs=WRITE, answer=Schedule),
    ]


def _address_of(view: Schedule) -> str:
    many = _MANY.format(project=view.project, environment=view.environment)
    return f"{many}/{view.id}"
