"""A project's configuration, as the command line asks for it, plans it and applies it."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec import Raw

from pennon.cli.api_client import ApiClient, segment
from pennon.cli.errors import CommandFailed
from pennon.cli.history_view import DifferenceView
from pennon.errors import BadInput, Fault
from pennon.model.codec import decode
from pennon.model.flag import Wire

T = TypeVar("T")


class ItemView(Wire, frozen=True, kw_only=True):
    """A thing in a project."""

    kind: str
    key: str


class ChangeView(ItemView, frozen=True, kw_only=True):
    """What happens to one thing."""

    action: str
    diff: tuple[DifferenceView, ...] = ()


class PlanView(Wire, frozen=True, kw_only=True):
    """What applying would do."""

    valid: bool
    plan: str
    errors: tuple[Fault, ...] = ()
    changes: tuple[ChangeView, ...] = ()
    unchanged: int = 0
    left_alone: tuple[ItemView, ...] = ()
    lacking: tuple[str, ...] = ()


class MovedView(Wire, frozen=True, kw_only=True):
    """An environment that took versions."""

    environment: str
    version: int
    propagation: str


class AppliedView(Wire, frozen=True, kw_only=True):
    """What came of applying."""

    environments: tuple[MovedView, ...] = ()


class ConfigurationClient(ApiClient):
    """The configurations of an origin. Raises CommandFailed for whatever is not an answer."""

    patience = 120.0

    def configuration(self, project: str) -> dict[str, Any]:
        """Return a project as a document."""
        return _read(self.ask("GET", _path(project)), dict[str, Any])

    def plan(self, project: str, configuration: object, *, prune: bool) -> bytes:
        """Return the JSON of what a configuration would change."""
        body = {"configuration": configuration, "prune": prune}
        return self.ask("POST", f"{_path(project)}/plan", json=body)

    def apply(
        self, project: str, configuration: object, plan: str, comment: str | None, *, prune: bool
    ) -> bytes:
        """Apply a configuration as it was planned, and return the JSON of what came of it."""
        body = {"configuration": configuration, "prune": prune, "plan": plan, "comment": comment}
        return self.ask("POST", f"{_path(project)}/apply", json=body)


def read_plan(body: bytes) -> PlanView:
    """Read a plan that the origin gave."""
    return _read(body, PlanView)


def read_applied(body: bytes) -> AppliedView:
    """Read what the origin says came of applying."""
    return _read(body, AppliedView)


def raw(body: bytes) -> dict[str, Raw]:
    """Return an answer's fields, each as the origin gave it."""
    return _read(body, dict[str, Raw])


def _path(project: str) -> str:
    return f"/api/v1/projects/{segment(project, '--project')}/configuration"


def _read(body: bytes, type: type[T]) -> T:
    try:
        return decode(body, type)
    except BadInput as error:
        raise CommandFailed(f"The origin gave nothing that can be read: {error}") from None
