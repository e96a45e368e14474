"""
Who may do what: every endpoint of the API, asked in every role, within its scope and outside.

The table says of each endpoint the least role that it needs, and on what: everything (`*`), the
project or environment that its path names, something in (`part of`) one of these, or `nothing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2

from pennon.web.permissions import ROLES, Role
from tests.builders.api import Api, Json, a_new_flag, a_shop

TABLE = """
list_projects                 viewer    part of *
create_project                admin     *
get_project                   viewer    part of project
update_project                admin     project
list_environments             viewer    part of project
create_environment            admin     project
get_environment               viewer    environment
update_environment            admin     environment
list_flags                    viewer    part of project
create_flag                   editor    project
get_flag                      viewer    part of project
update_flag                   editor    project
list_environment_flags        viewer    environment
get_environment_flag          viewer    environment
update_environment_flag       editor    environment
replace_environment_flag      editor    environment
instruct_environment_flag     editor    environment
copy_environment_flag         viewer    environment
get_evaluations               viewer    environment
list_contexts                 editor    environment
list_events                   editor    environment
get_exposures                 viewer    environment
list_segments                 viewer    part of project
create_segment                editor    project
get_segment                   viewer    part of project
update_segment                editor    project
list_environment_segments     viewer    environment
get_environment_segment       viewer    environment
update_environment_segment    editor    environment
replace_environment_segment   editor    environment
instruct_environment_segment  editor    environment
list_flag_versions            viewer    environment
get_flag_version              viewer    environment
diff_flag                     viewer    environment
roll_flag_back                editor    environment
list_segment_versions         viewer    environment
get_segment_version           viewer    environment
diff_segment                  viewer    environment
list_segment_members          viewer    environment
download_segment_members      viewer    environment
look_up_segment_members       viewer    environment
upload_segment_members        editor    environment
change_segment_members        editor    environment
clear_segment_members         editor    environment
list_events                   editor    environment
roll_segment_back             editor    environment
get_datafile                  viewer    environment
list_schedules                viewer   environment
create_schedule               editor   environment
get_schedule                  viewer   environment
cancel_schedule               editor   environment
list_change_requests          viewer  environment
propose_change                editor  environment
get_change_request            viewer  environment
review_change                 approver environment
apply_change                  editor  environment
withdraw_change               editor  environment
get_configuration             viewer    part of project
plan_configuration            viewer    part of project
apply_configuration           editor    part of project
delete_flag                   editor  project
delete_segment                editor  project
list_deleted                  viewer  project
restore_deleted               editor  project
purge_deleted                 admin   project
list_keys                     admin     part of *
create_key                    admin     part of *
get_key                       admin     part of *
update_key                    admin     part of *
rotate_key                    admin     part of *
list_tokens                   admin     *
create_token                  admin     *
get_token                     admin     *
update_token                  admin     *
list_users                    admin     *
create_user                   admin     *
get_user                      admin     *
update_user                   admin     *
reset_password                admin     *
sign_in                       viewer    nothing
get_session                   viewer    nothing
sign_out                      viewer    nothing
change_password               viewer    nothing
list_audit                    viewer    project
get_audit_record              viewer    project
export_audit                  viewer    project
list_installation_audit       admin     *
get_installation_audit_record admin     *
export_installation_audit     admin     *
show_nodes                    viewer    part of *
remove_pop                    admin     *
remove_node                   admin     *
show_propagation              viewer    environment
"""

REACHED = {
    "*": {"nothing", "*", "project", "environment"},
    "shop": {"nothing", "project", "environment"},
    "shop/production": {"nothing", "environment"},
    "shop/staging": {"nothing"},
    "blog": {"nothing"},
}
"""Of each scope, what it covers of `*`, the project `shop` and its environment `production`."""

PARTS = {
    "*": {"*", "project", "environment"},
    "shop": {"*", "project", "environment"},
    "shop/production": {"*", "project", "environment"},
    "shop/staging": {"*", "project"},
    "blog": {"*"},
}
"""Of each scope, in which of these it has a part."""


class Operation(NamedTuple):
    """One endpoint, and what it is expected to need."""

    name: str
    method: str
    path: str
    role: Role
    part: bool
    on: str

    def allows(self, role: Role, scope: str) -> bool:
        """Return what the table says of *role* on *scope*."""
        reached = (PARTS if self.part else REACHED)[scope]
        return ROLES.index(role) >= ROLES.index(self.role) and self.on in reached


def operations(document: Json) -> Iterator[Operation]:
    """Yield every endpoint of an OpenAPI document, as the table has it."""
    expected = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()}
    roles: dict[str, Role] = {role: role for role in ROLES}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            assert name in expected, f"add {name} to the table above"
            role, *where = expected.pop(name)
            named = path.replace("{project}", "shop").replace("{environment}", "production")
            yield Operation(
                name,
                method.upper(),
                re.sub(r"\{\w+\}", "none", named),
                roles[role],
                where[0] == "part",
                where[-1],
            )
    assert not expected, f"no such endpoint: {expected}"


async def ask(api: Api, operation: Operation, token: str) -> httpx2.Response:
    """Return the answer to a request that says nothing."""
    return await api.client.request(
        operation.method,
        operation.path,
        headers={"authorization": f"Bearer {token}"},
        json=None if operation.method == "GET" else {},
    )


async def a_token(api: Api, role: Role, *scope: str) -> str:
    """Return the secret of a new token."""
    granted = "*" if scope == ("*",) else list(scope)
    secret: str = (await api.post("/tokens", {"role": role, "scope": granted}))["secret"]
    return secret


class TestPermissions:
    async def test_every_endpoint_lets_in_who_may_and_nobody_else(self, tmp_path: Path) -> None:
        """Refused is 403, before anything else of the request is looked at."""
        wrong = []
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.post("/projects", {"key": "blog"})
            known = list(operations(await api.get("/openapi.json")))
            for scope in REACHED:
                for role in ROLES:
                    token = await a_token(api, role, scope)
                    for operation in known:
                        answer = await ask(api, operation, token)
                        if (answer.status_code != 403) != operation.allows(role, scope):
                            wrong.append((operation.name, role, scope, answer.status_code))

        assert wrong == []

    async def test_a_refusal_says_what_is_needed(self, tmp_path: Path) -> None:
        """The role and where, so that somebody can grant it."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            token = await a_token(api, "viewer", "shop")
            api.client.headers["authorization"] = f"Bearer {token}"
            path = "/projects/shop/environments/production/flags/checkout"
            problem = await api.patch(path, {"enabled": True}, 403)

        assert problem["detail"] == (
            "The role 'editor' on 'shop/production' is needed, which you do not have."
        )


class TestLists:
    async def test_show_only_what_may_be_seen(self, tmp_path: Path) -> None:
        """Of projects those that hold something of it, of environments those in scope."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects", {"key": "blog"})
            token = await a_token(api, "viewer", "shop/staging")
            api.client.headers["authorization"] = f"Bearer {token}"
            projects = await api.get("/projects")
            environments = await api.get("/projects/shop/environments")

        assert [one["key"] for one in projects["items"]] == ["shop"]
        assert [one["key"] for one in environments["items"]] == ["staging"]

    async def test_what_is_not_in_scope_is_not_told_to_exist(self, tmp_path: Path) -> None:
        """Whether there is such a project or not, the answer is one."""
        async with a_shop(tmp_path) as api:
            token = await a_token(api, "admin", "shop")
            await api.post("/projects", {"key": "blog"})
            api.client.headers["authorization"] = f"Bearer {token}"
            there = await api.get("/projects/blog", status=403)
            nowhere = await api.get("/projects/none", status=403)

        assert there["detail"].replace("blog", "none") == nowhere["detail"]


class TestKeys:
    async def test_an_environments_keys_are_its_administrators(self, tmp_path: Path) -> None:
        """Other environments' keys, and relay keys, are neither seen nor made nor changed."""
        relay = {"kind": "relay", "environments": ["shop/production"]}
        async with a_shop(tmp_path) as api:
            body = {"kind": "server", "environments": ["shop/staging"]}
            others = [await api.post("/keys", it) for it in (body, relay)]
            token = await a_token(api, "admin", "shop/production")
            api.client.headers["authorization"] = f"Bearer {token}"
            own = await api.post("/keys", {"kind": "client", "environments": ["shop/production"]})
            listed = (await api.get("/keys"))["items"]
            before = await api.everything()
            await api.post("/keys", body, 403)
            await api.post("/keys", relay, 403)
            for other in others:
                await api.get(f"/keys/{other['id']}", status=403)
                await api.patch(f"/keys/{other['id']}", {"revoked": True}, 403)

            assert await api.everything() == before
        assert [key["id"] for key in listed] == [own["id"]]
