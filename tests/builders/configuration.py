"""Configurations of a project, asked of an API: taken out, planned and applied."""

from __future__ import annotations

from typing import Any

from tests.builders.api import Api, Json


async def exported(api: Api, project: str = "shop") -> Json:
    """Return a project's configuration."""
    return await api.get(f"/projects/{project}/configuration")


async def planned(
    api: Api, configuration: Json, project: str = "shop", *, status: int = 200, **more: Any
) -> Json:
    """Return what a configuration would change."""
    body = {"configuration": configuration, **more}
    path = f"/projects/{project}/configuration/plan"
    return await api.ask("POST", path, status=status, json=body)


async def applied(
    api: Api,
    configuration: Json,
    project: str = "shop",
    *,
    plan: str | None = None,
    status: int = 200,
    **more: Any,
) -> Json:
    """Apply a configuration as it is planned just now, unless another *plan* is given."""
    if plan is None:
        prune = more.get("prune", False)
        plan = (await planned(api, configuration, project, prune=prune))["plan"]
    body = {"configuration": configuration, "plan": plan, **more}
    path = f"/projects/{project}/configuration/apply"
    return await api.ask("POST", path, status=status, json=body)


def done(changes: Json) -> list[str]:
    """Return what a plan does, or what was done, in order: ``create flag checkout``."""
    return [f"{one['action']} {one['kind']} {one['key']}" for one in changes["changes"]]


def messages(plan: Json) -> list[tuple[str, str]]:
    """Return the paths and the sentences of what a plan is refused for."""
    return [(one["path"], one["message"]) for one in plan["errors"]]


def serving(variation: str, **fields: Any) -> Json:
    """Return the part of a flag that is on in an environment, and serves *variation*."""
    return {"enabled": True, "default": {"variation": variation}, **fields}


def requiring(flag: str, *names: str) -> Json:
    """Return the prerequisite that *flag* serves one of *names*, `on` when none is given."""
    return {"flag": flag, "is": list(names or ("on",))}


def in_segment(key: str) -> Json:
    """Return a rule that serves `on` to a segment."""
    return {"id": key, "when": [{"segment": key}], "serve": {"variation": "on"}}
