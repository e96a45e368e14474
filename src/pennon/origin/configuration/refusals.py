"""What cannot be done of a configuration, however sound it is in itself. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from msgspec import UNSET

from pennon.errors import Fault
from pennon.model.checking import faults_of
from pennon.model.messages import ItemKind
from pennon.origin.configuration.changes import Change
from pennon.origin.configuration.schemas import Configuration
from pennon.origin.configuration.soundness import ROOT, path_of
from pennon.origin.configuration.state import SegmentState, State
from pennon.origin.members.emptiness import told_of
from pennon.origin.schemas import Slug, full_name


def faults_against(before: State, project: str, asked: Configuration) -> Iterator[Fault]:
    """Yield what is asked for that no project could become."""
    if before.project is None:
        # It is told in the path, which nothing has looked at, and would be made of it.
        for fault in faults_of(project, Slug, ROOT):
            yield Fault(ROOT, f"as the key of a project, {fault.message}")
    environments = before.environments.keys() | asked.environments.keys()
    for members, named in (("segments", asked.segments), ("flags", asked.flags)):
        for key, item in named.items():
            for environment in item.environments:
                if environment not in environments:
                    path = path_of(members, key, environment)
                    yield Fault(path, _unknown(environment, environments))
    for key, flag in asked.flags.items():
        held = before.flags.get(key)
        if held is not None and held.type != flag.type:
            told = f"a flag's type cannot be changed, it is {held.type!r}; create another flag"
            yield Fault(f"{path_of('flags', key)}.type", told)
        if held is not None and flag.salt not in (UNSET, held.salt):
            yield _salted("flags", key)
    for key, segment in asked.segments.items():
        member = before.segments.get(key)
        if member is not None and segment.salt not in (UNSET, member.salt):
            yield _salted("segments", key)


def conflicts_with(
    before: State, changes: Iterable[Change], project: str, asked: Configuration
) -> Iterator[Fault]:
    """Yield why the *changes* cannot be made in the present state."""
    if before.project is not None and before.project.archived:
        yield Fault(ROOT, f"The project {project!r} is archived. Bring it back first.")
    yield from _deleted(before, asked)
    touched: dict[str, list[str]] = defaultdict(list)
    archived = []
    for one in changes:
        if one.action == "archive":
            archived.append(one)
        if one.kind == "environment":
            touched[one.key] += []
        yield from _populated(before, one, project)
        for environment in one.retargeted():
            touched[environment].append(f"the {one.kind} {one.key!r}")
    if archived and not (asked.flags or asked.segments):
        yield Fault(
            ROOT,
            f"It names neither a flag nor a segment, so that pruning would archive all "
            f"{len(archived)} that there are. Archive the project if that is meant.",
        )
    for environment, things in touched.items():
        held = before.environments.get(environment)
        if held is None:
            continue
        path = f'{ROOT}.environments["{environment}"]'
        name = full_name(project, environment)
        if held.archived:
            yield Fault(path, f"The environment {name!r} is archived. Bring it back first.")
        if held.approvals.required and things:
            yield Fault(path, _unapproved(name, held.approvals.required, things))


def _deleted(before: State, asked: Configuration) -> Iterator[Fault]:
    kinds: tuple[tuple[ItemKind, str, Iterable[str]], ...] = (
        ("segment", "segments", asked.segments),
        ("flag", "flags", asked.flags),
    )
    for kind, members, keys in kinds:
        for key in keys:
            if (kind, key) in before.deleted:
                told = (
                    f"The {kind} {key!r} was deleted, and its key stays taken until it is "
                    "purged. Restore it, or purge it first."
                )
                yield Fault(path_of(members, key), told)


def _populated(before: State, change: Change, project: str) -> Iterator[Fault]:
    old, new = change.before, change.after
    if not isinstance(old, SegmentState) or not isinstance(new, SegmentState):
        return
    for environment in change.retargeted():
        was, shall = old.environments[environment], new.environments[environment]
        if was.external != shall.external and (environment, change.key) in before.populated:
            path = f"{path_of('segments', change.key, environment)}.external"
            yield Fault(path, told_of(full_name(project, environment), change.key))


def _unapproved(environment: str, required: int, things: list[str]) -> str:
    named = ", ".join(things[:5])
    more = f" and {len(things) - 5} more" if len(things) > 5 else ""
    project, _, key = environment.partition("/")
    return (
        f"A change in {environment} needs to be approved by {required} more, and this would "
        f"change {named}{more}. Leave {key} out and propose it: "
        f"POST /api/v1/projects/{project}/environments/{key}/change-requests"
    )


def _salted(members: str, key: str) -> Fault:
    return Fault(
        f"{path_of(members, key)}.salt",
        "cannot be changed, since it decides who gets which share of a split; leave it out",
    )


def _unknown(environment: str, known: Iterable[str]) -> str:
    close = get_close_matches(environment, sorted(known), n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"there is no environment {environment!r}{hint}"
