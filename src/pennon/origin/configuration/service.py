"""Answers with a project's configuration, plans another, and brings the project to it."""

from __future__ import annotations

from msgspec import json, to_builtins
from sqlalchemy import Connection

from pennon.errors import Forbidden, NotFound, PreconditionFailed
from pennon.model.messages import ItemId
from pennon.model.position import ACCESS
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.configuration.changes import Change
from pennon.origin.configuration.exporting import exported
from pennon.origin.configuration.flag_writing import write_flag
from pennon.origin.configuration.ordering import users_last
from pennon.origin.configuration.planning import Planned, plan_view, planned
from pennon.origin.configuration.reading import read_state
from pennon.origin.configuration.schemas import (
    Applied,
    ApplyRequest,
    Configuration,
    Moved,
    Plan,
    PlanRequest,
)
from pennon.origin.configuration.segment_writing import write_segment
from pennon.origin.configuration.state import FlagState, SegmentState
from pennon.origin.environments import service as environments
from pennon.origin.environments.schemas import EnvironmentDefinition, NewEnvironment
from pennon.origin.projects import service as projects
from pennon.origin.projects.queries import environments_of, find, lock_project
from pennon.origin.projects.schemas import NewProject
from pennon.origin.schemas import full_name, propagation_of
from pennon.web.permissions import Principal


def configuration(connection: Connection, project: str, reader: Principal) -> Configuration:
    """Return a project's configuration, of the environments that *reader* may see."""
    state = read_state(connection, project)
    if state.project is None:
        raise NotFound("project", project)
    return exported(state, lambda key: reader.may("viewer", full_name(project, key)))


def plan(connection: Connection, project: str, asked: PlanRequest, reader: Principal) -> Plan:
    """Return what a configuration would change. Raises Forbidden where *reader* may not look."""
    found = planned(
        read_state(connection, project), project, asked.configuration, prune=asked.prune
    )
    _refuse_to_show(found, asked.configuration, reader)
    return plan_view(found, asked.configuration, reader)


def apply(transaction: Transaction, project: str, asked: ApplyRequest, author: Author) -> Applied:
    """
    Bring a project to a configuration: all of it, if it still takes what was planned, or nothing.

    Raises Forbidden, PreconditionFailed where the plan has become another, BadInput and Conflict.
    """
    found = _locked(transaction, project, asked)
    _refuse_to_show(found, asked.configuration, author.principal)
    if found.name != asked.plan:
        raise PreconditionFailed(
            "What this would change is no longer what was planned: the project has changed "
            "since, or the configuration is another. Plan it again, then apply that."
        )
    if lacking := found.lacking(author.principal):
        raise Forbidden(f"This needs {', '.join(lacking)}, which you do not have.")
    found.refuse()
    _write(transaction, found, author)
    return Applied(
        changes=tuple(one.planned for one in found.changes),
        environments=tuple(
            Moved(environment=name, version=version, propagation=propagation_of(name, version))
            for name, version in sorted(transaction.versions().items())
            if name != ACCESS
        ),
    )


def _refuse_to_show(found: Planned, asked: Configuration, reader: Principal) -> None:
    """
    Raise Forbidden where *reader* may not see what the plan tells.

    What belongs to the project is held against every environment of it.
    """
    named = {*asked.environments}
    for segment in asked.segments.values():
        named.update(segment.environments)
    for flag in asked.flags.values():
        named.update(flag.environments)
    for environment in sorted(named):
        reader.require("viewer", full_name(found.project, environment))
    if any(one.shared for one in found.changes):
        reader.require("viewer", found.project)


def _locked(transaction: Transaction, project: str, asked: ApplyRequest) -> Planned:
    """Lock all that there is of a project, and plan anew with what is there by now."""
    connection = transaction.connection
    if find(connection, project) is not None:
        lock_project(connection, project)
    names = environments_of(connection, project)
    if any(full_name(project, key) not in names for key in asked.configuration.environments):
        names.append(ACCESS)
    transaction.lock(names)
    return planned(read_state(connection, project), project, asked.configuration, prune=asked.prune)


def _write(transaction: Transaction, found: Planned, author: Author) -> None:
    items: dict[ItemId, Change] = {}
    for change in found.changes:
        match change.kind:
            case "project":
                _write_project(transaction, change, author)
            case "environment":
                _write_environment(transaction, found.project, change, author)
            case kind:
                items[kind, change.key] = change
    # What comes is told from the ground up, in the order in which it will be used; what goes is
    # taken from the top down. So no follower ever holds what uses something that is not there.
    coming = [item for item in users_last(found.after) if item in items]
    going = [item for item in reversed(users_last(found.before)) if item in items]
    going = [item for item in going if items[item].action == "archive"]
    for item in (*coming, *going):
        _write_item(transaction, found.project, items[item], author)


def _write_item(transaction: Transaction, project: str, change: Change, author: Author) -> None:
    match change.before, change.after:
        case (FlagState() | None as before, FlagState() as after):
            write_flag(transaction, project, change, before, after, author)
        case (SegmentState() | None as before, SegmentState() as after):
            write_segment(transaction, project, change, before, after, author)


def _write_project(transaction: Transaction, change: Change, author: Author) -> None:
    asked = to_builtins(change.after)
    if change.before is None:
        new = NewProject(key=change.key, name=asked["name"], description=asked["description"])
        projects.create(transaction, new, author)
    else:
        projects.change(transaction, change.key, asked, author)


def _write_environment(
    transaction: Transaction, project: str, change: Change, author: Author
) -> None:
    asked = change.after
    assert isinstance(asked, EnvironmentDefinition)
    if change.before is None:
        new = NewEnvironment(key=change.key, name=asked.name, description=asked.description)
        environments.create(transaction, project, new, author)
    environments.change(transaction, project, change.key, json.decode(json.encode(asked)), author)
