"""Which requests may use the session of the browser that sends them."""

from __future__ import annotations

import pytest

from pennon.errors import Forbidden
from pennon.origin.users.cookies import (
    check_same_origin,
    clear_cookie,
    session_of,
    set_cookie,
)


class TestCookie:
    def test_no_script_and_no_other_site_has_it(self) -> None:
        """Over https it is bound to this host as well."""
        assert set_cookie("s3cret", secure=False)[1] == (
            "pennon_session=s3cret; Path=/; HttpOnly; SameSite=Lax"
        )
        assert set_cookie("s3cret", secure=True)[1] == (
            "__Host-pennon_session=s3cret; Path=/; HttpOnly; SameSite=Lax; Secure"
        )

    @pytest.mark.parametrize("secure", [True, False])
    def test_is_read_as_it_was_set(self, secure: bool) -> None:
        """Among others."""
        cookie = set_cookie("s3cret", secure=secure)[1].partition(";")[0]

        assert session_of({"cookie": f"theme=dark; {cookie}"}, secure=secure) == "s3cret"

    def test_over_https_one_that_was_set_without_is_not_read(self) -> None:
        """Somebody on the way may have set it."""
        assert session_of({"cookie": "pennon_session=planted"}, secure=True) is None

    @pytest.mark.parametrize("header", ["", "pennon_session=", "pennon_session", ";;;=", "é"])
    def test_anything_else_is_no_session(self, header: str) -> None:
        """However it is malformed."""
        assert session_of({"cookie": header}, secure=False) is None

    def test_is_taken_back(self) -> None:
        """By one that is over."""
        assert "Max-Age=0" in clear_cookie(secure=False)[1]


class TestCheckSameOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "same-origin"},
            {"sec-fetch-site": "same-origin", "origin": "null", "host": "flags.example"},
            {"origin": "https://flags.example", "host": "flags.example"},
            {"origin": "http://localhost:8620", "host": "localhost:8620"},
        ],
    )
    def test_our_own_pages_may_change_things(self, headers: dict[str, str]) -> None:
        """As the browser says."""
        check_same_origin("POST", headers)

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"sec-fetch-site": "none"},
            {"sec-fetch-site": "cross-site", "origin": "http://flags.example"},
            {"origin": "https://evil.example", "host": "flags.example"},
            {"origin": "https://flags.example.evil", "host": "flags.example"},
            {"origin": "null", "host": "flags.example"},
            {"origin": "https://flags.example"},
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_nobody_elses_may(self, method: str, headers: dict[str, str]) -> None:
        """Nor who does not say."""
        with pytest.raises(Forbidden):
            check_same_origin(method, headers)

    def test_anybody_may_ask(self) -> None:
        """What another site's page asks for, it cannot read."""
        check_same_origin("GET", {"sec-fetch-site": "cross-site"})

    def test_what_is_no_browser_needs_no_proof_to_begin_with(self) -> None:
        """It has no session yet; a browser says where it comes from."""
        check_same_origin("POST", {}, proof=False)
        with pytest.raises(Forbidden):
            check_same_origin("POST", {"sec-fetch-site": "cross-site"}, proof=False)
