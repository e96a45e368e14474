"""Errors as HTTP answers."""

from __future__ import annotations

import pytest
from msgspec.json import decode

from pennon import errors
from pennon.errors import (
    AlreadyExists,
    BadInput,
    Conflict,
    Fault,
    Forbidden,
    Gone,
    NotFound,
    NotReady,
    PennonError,
    PreconditionFailed,
    ReadOnly,
    SourceLost,
    Unauthenticated,
)
from pennon.web.problem import HttpError, problem_of


class TestProblemOf:
    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (BadInput.at("$.a", "expected b"), 400),
            (Unauthenticated("no key"), 401),
            (Forbidden("not this"), 403),
            (NotFound("flag", "a"), 404),
            (Gone("pruned"), 410),
            (Conflict("not now"), 409),
            (AlreadyExists("flag", "a"), 409),
            (ReadOnly(), 409),
            (PreconditionFailed("moved"), 412),
            (HttpError(413, "too large"), 413),
            (PennonError("anything else"), 500),
            (NotReady("wait"), 503),
            (SourceLost("gone"), 503),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_every_error_has_a_status(self, error: PennonError, status: int) -> None:
        """The document says what the status line says, in the form of RFC 9457."""
        code, headers, body = problem_of(error)
        document = decode(body)

        assert (code, document["status"]) == (status, status)
        assert ("content-type", "application/problem+json") in headers
        assert document["title"]
        assert document["detail"]

    def test_every_fault_is_listed_with_its_path(self) -> None:
        """In the order of the input."""
        faults = [Fault("$.a", "one"), Fault("$.b", "two")]
        document = decode(problem_of(BadInput(faults))[2])

        assert document["errors"] == [
            {"path": "$.a", "message": "one"},
            {"path": "$.b", "message": "two"},
        ]

    def test_a_wait_is_rounded_up(self) -> None:
        """Nobody comes back too early."""
        _, headers, _ = problem_of(NotReady("wait", retry_after=1.2))

        assert ("retry-after", "2") in headers

    def test_who_is_not_known_is_told_the_scheme(self) -> None:
        """As HTTP asks of every 401."""
        _, headers, _ = problem_of(Unauthenticated("no key"))

        assert ("www-authenticate", 'Bearer realm="pennon"') in headers

    def test_the_tree_drawn_in_its_docstring_is_the_tree(self) -> None:
        """Every error class is named there."""
        classes = [
            name
            for name, value in vars(errors).items()
            if isinstance(value, type) and issubclass(value, PennonError)
        ]

        assert all(name in (errors.__doc__ or "") for name in classes)
