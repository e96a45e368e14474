"""The steps of a schedule, from what was asked for, and as rows hold them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import json

from pennon.errors import BadInput, Fault
from pennon.origin.access.scopes import milliseconds, time_faults
from pennon.origin.db.rows import AnyRow
from pennon.origin.flags.instructions import TurnOff, TurnOn
from pennon.origin.schedules.schemas import NewSchedule, Schedule, Step
from pennon.origin.schemas import moment, short_name

encode_steps = json.encode
decode_steps = json.Decoder(tuple[Step, ...]).decode


def steps_of(new: NewSchedule, now: int) -> tuple[Step, ...]:
    """Return what is to be done and when. Raises BadInput, also for a time that is over."""
    steps: tuple[Step, ...] = ()
    if new.at is not None and new.instructions is not None:
        steps = (Step(at=new.at, instructions=new.instructions),)
    elif new.on_at is not None and new.off_at is not None:
        steps = (
            Step(at=new.on_at, instructions=(TurnOn(),)),
            Step(at=new.off_at, instructions=(TurnOff(),)),
        )
    given = (new.at, new.instructions, new.on_at, new.off_at)
    if sum(one is not None for one in given) != 2 or not steps:
        raise BadInput.at("$", "expected either `at` and `instructions`, or `onAt` and `offAt`")
    faults = [*_faults(new, now)]
    if faults:
        raise BadInput(faults)
    return steps


def due_of(steps: tuple[Step, ...], number: int) -> int | None:
    """Return when a step is due in epoch milliseconds, None after the last."""
    return milliseconds(steps[number].at) if number < len(steps) else None


def schedule_of(row: AnyRow) -> Schedule:
    """Return a row of `schedules` as what is answered."""
    return Schedule(
        id=row.id,
        project=row.environment.partition("/")[0],
        environment=short_name(row.environment),
        flag=row.flag,
        status=row.status,
        steps=decode_steps(row.steps),
        done=row.done,
        if_missed=row.if_missed,
        by=row.author_name,
        comment=row.comment,
        error=row.error,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )


def _faults(new: NewSchedule, now: int) -> Iterator[Fault]:
    for name, time in (("at", new.at), ("onAt", new.on_at), ("offAt", new.off_at)):
        yield from time_faults(time, now, f"$.{name}")
    if new.on_at is not None and new.off_at is not None and new.off_at <= new.on_at:
        yield Fault("$.offAt", "expected a time after `onAt`")
