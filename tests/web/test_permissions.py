"""Roles, scopes, and what endpoints need of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import Forbidden
from pennon.web.permissions import (
    ADMIN_OF_ALL,
    KNOWN,
    READ,
    READ_PART,
    ROLES,
    Grant,
    Principal,
    Scope,
    common,
)

RESOURCES = ("*", "shop", "shop/production", "shop/staging", "blog", "blog/production")

names = st.sampled_from(RESOURCES[1:])
scopes = st.just("*") | st.lists(names, min_size=1, max_size=3).map(tuple)
grants = st.lists(st.builds(Grant, role=st.sampled_from(ROLES), scope=scopes), max_size=3).map(
    tuple
)


def a_principal(role: str = "editor", scope: Scope = "*") -> Principal:
    """Return somebody with one grant."""
    return Principal("1", "ada", (Grant(role=role, scope=scope),))  # type: ignore[arg-type]


class TestMay:
    @pytest.mark.parametrize(
        ("scope", "reached"),
        [
            ("*", set(RESOURCES)),
            (("shop",), {"shop", "shop/production", "shop/staging"}),
            (("shop/production",), {"shop/production"}),
            (("sho",), set()),
        ],
    )
    def test_a_scope_covers_what_is_in_it(self, scope: Scope, reached: set[str]) -> None:
        """A project its environments; no name covers another that it is the beginning of."""
        ada = a_principal(scope=scope)

        assert {resource for resource in RESOURCES if ada.may("editor", resource)} == reached

    def test_a_part_is_enough_where_that_is_said(self) -> None:
        """Who may see an environment may see that its project is there."""
        ada = a_principal(scope=("shop/production",))

        assert [one for one in RESOURCES if ada.may("editor", one, partly=True)] == [
            "*",
            "shop",
            "shop/production",
        ]

    def test_a_role_includes_those_before_it(self) -> None:
        """And none after it."""
        ada = a_principal("editor")

        assert [role for role in ROLES if ada.may(role, "shop")] == ["viewer", "editor"]

    def test_nobody_may_anything(self) -> None:
        """What was not granted is denied."""
        assert not Principal("1", "ada").may("viewer", "shop", partly=True)


class TestNeed:
    def test_what_is_missing_is_named(self) -> None:
        """The role, and what it is needed on."""
        ada = a_principal("viewer", ("shop",))

        with pytest.raises(Forbidden, match="'viewer' on 'blog/production' is needed"):
            READ.check(ada, {"project": "blog", "environment": "production", "flag": "x"})
        with pytest.raises(Forbidden, match="'viewer' on something in 'blog' is needed"):
            READ_PART.check(ada, {"project": "blog"})
        with pytest.raises(Forbidden, match="'viewer' on everything is needed"):
            READ.check(ada, {"key": "1"})

    def test_what_is_known_may_need_no_grant(self) -> None:
        """What is about oneself."""
        KNOWN.check(Principal("1", "ada"), {})


class TestCommon:
    @given(grants, grants)
    def test_allows_what_both_allow(
        self, these: tuple[Grant, ...], those: tuple[Grant, ...]
    ) -> None:
        """No more, and no less."""
        one, other, both = (Principal("1", "", it) for it in (these, those, common(these, those)))

        for role in ROLES:
            for resource in RESOURCES:
                assert both.may(role, resource) == (
                    one.may(role, resource) and other.may(role, resource)
                )

    @given(grants)
    def test_with_everything_takes_nothing_away(self, these: tuple[Grant, ...]) -> None:
        """An administrator of everything sets no limits."""
        limited = Principal("1", "", common(ADMIN_OF_ALL, these))

        for role in ROLES:
            assert set(limited.scope_of(role)) == set(Principal("1", "", these).scope_of(role))
