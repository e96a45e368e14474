"""What is granted, as it is said on the command line."""

from __future__ import annotations

import pytest

from pennon.cli.grants import grants_text, scope_of, with_role
from pennon.errors import BadInput
from pennon.web.permissions import Grant, Grants, Role, Scope

EDITOR = Grant(role="editor", scope=("shop", "blog"))
VIEWER = Grant(role="viewer", scope="*")


class TestScopeOf:
    @pytest.mark.parametrize("names", [("everything",), ("*",), ("shop", "everything")])
    def test_everything_needs_no_quoting(self, names: tuple[str, ...]) -> None:
        """A shell would make file names of a star."""
        assert scope_of(names) == "*"

    @pytest.mark.parametrize("names", [(), ("Shop",), ("shop/",), ("a/b/c",), ("",)])
    def test_what_names_nothing_is_refused(self, names: tuple[str, ...]) -> None:
        """Before the origin is asked."""
        with pytest.raises(BadInput, match="--on"):
            scope_of(names)


class TestWithRole:
    @pytest.mark.parametrize(
        ("grants", "role", "scope", "expected"),
        [
            ((), "editor", ("shop",), "editor on shop"),
            ((EDITOR,), "admin", ("shop",), "editor on blog, admin on shop"),
            ((EDITOR,), "admin", ("shop", "blog"), "admin on shop and blog"),
            ((EDITOR,), None, ("shop",), "editor on blog"),
            ((EDITOR,), None, ("shop", "blog"), "nothing"),
            ((EDITOR, VIEWER), None, "*", "editor on shop and blog"),
            ((VIEWER,), "editor", ("shop",), "viewer on everything, editor on shop"),
            ((VIEWER,), "admin", "*", "admin on everything"),
        ],
    )
    def test_changes_what_was_granted_just_there(
        self, grants: Grants, role: Role | None, scope: Scope, expected: str
    ) -> None:
        """And nothing else."""
        assert grants_text(with_role(grants, role, scope)) == expected
