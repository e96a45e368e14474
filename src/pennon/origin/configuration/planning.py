"""Plans what a configuration changes in a project, without changing anything. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UNSET

from pennon.errors import BadInput, Conflict, Fault
from pennon.origin.configuration.changes import Change, changes_between, name_of
from pennon.origin.configuration.desired import desired, with_environments
from pennon.origin.configuration.refusals import conflicts_with, faults_against
from pennon.origin.configuration.schemas import Configuration, ItemName, Plan
from pennon.origin.configuration.soundness import faults_of
from pennon.origin.configuration.state import State
from pennon.web.permissions import EVERYTHING, Principal


@dataclass(frozen=True, slots=True)
class Planned:
    """
    What applying a configuration to *project* would do.

    `before` is the project once its new environments are there. `faults` are wrong in the
    configuration, `conflicts` only in the present state.
    """

    project: str
    before: State
    after: State
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    conflicts: tuple[Fault, ...]

    @property
    def name(self) -> str:
        """What is agreed to by whoever applies it."""
        return name_of(self.changes)

    def lacking(self, principal: Principal) -> tuple[str, ...]:
        """Return the roles that *principal* would need and does not have, in words."""
        needed = dict.fromkeys(need for one in self.changes for need in one.needs(self.project))
        return tuple(
            f"the role '{role}' on {'everything' if on == EVERYTHING else on}"
            for role, on in needed
            if not principal.may(role, on)
        )

    def refuse(self) -> None:
        """Raise BadInput or Conflict for what may not be applied."""
        if self.faults:
            raise BadInput(self.faults)
        if self.conflicts:
            raise Conflict(" ".join(fault.message for fault in self.conflicts))


def planned(state: State, project: str, asked: Configuration, *, prune: bool) -> Planned:
    """Return what becomes of a project that is in *state*."""
    opened = with_environments(state, asked)
    after = desired(opened, asked, prune=prune)
    changes = tuple(changes_between(project, opened, after))
    return Planned(
        project=project,
        before=opened,
        after=after,
        changes=changes,
        faults=tuple(faults_against(state, project, asked))
        or tuple(faults_of(after, changes, asked)),
        conflicts=tuple(conflicts_with(state, changes, project, asked)),
    )


def plan_view(plan: Planned, asked: Configuration, reader: Principal) -> Plan:
    """Return a plan as it is answered to *reader*, who may see all that it changes."""
    errors = (*plan.faults, *plan.conflicts)
    named = (
        {("environment", key) for key in asked.environments}
        | {("segment", key) for key in asked.segments}
        | {("flag", key) for key in asked.flags}
    )
    if asked.project is not UNSET:
        named.add(("project", plan.project))
    changed = {(one.kind, one.key) for one in plan.changes}
    return Plan(
        valid=not errors,
        errors=errors,
        changes=tuple(one.planned for one in plan.changes),
        unchanged=len(named - changed),
        left_alone=_left_alone(plan, named | changed, reader),
        lacking=plan.lacking(reader),
        plan=plan.name,
    )


def _left_alone(
    plan: Planned, named: set[tuple[str, str]], reader: Principal
) -> tuple[ItemName, ...]:
    state = plan.before
    there = [
        *(
            ItemName(kind="environment", key=key)
            for key, environment in state.environments.items()
            if not environment.archived and reader.may("viewer", f"{plan.project}/{key}")
        ),
        *(
            ItemName(kind="segment", key=key)
            for key, segment in state.segments.items()
            if not segment.archived
        ),
        *(ItemName(kind="flag", key=key) for key, flag in state.flags.items() if not flag.archived),
    ]
    return tuple(one for one in there if (one.kind, one.key) not in named)
