"""
The error tree: every error that Pennon raises on purpose.

    PennonError
    ├── BadInput                what was given is wrong; carries the faults, each with its path
    │   └── Refused             it is right, but another system's model cannot say it
    ├── NotFound                a project, environment, flag, segment or key that does not exist
    ├── Gone                    what was asked for existed and is kept no longer
    ├── Conflict                what was asked cannot be done in the present state
    │   ├── AlreadyExists       the key is taken
    │   ├── AnsweredOnce        it was created, and the answer with its secret is not given twice
    │   └── ReadOnly            this origin reads a copy; changes are for the primary
    ├── PreconditionFailed      the object has moved on since it was read
    ├── Unauthenticated         no key, or one that is unknown, expired or revoked
    ├── Forbidden               a key that is known but not for this
    ├── TooManyAttempts         too many that failed; try again after `retry_after`
    ├── TooManyRequests         more is asked, or held, than one may; come back after `retry_after`
    ├── NotReady                what is needed is not loaded yet; ask again after `retry_after`
    ├── SourceLost              the stream to the parent ended; carries its wish when to come back
    ├── CannotStart             no worker of a node can (in `pennon.edge.workers`)
    ├── HttpError               a rule of HTTP's own is broken (in `pennon.web.problem`)
    └── WrongSchema             the database is not at this code's schema (in `pennon.origin.db`)

The table in `pennon.web.problem` turns them into HTTP answers.
`evaluate` raises none of them: there a fault is a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from msgspec import Struct


class PennonError(Exception):
    """The root of the tree."""


class Fault(Struct, frozen=True):
    """One thing wrong with an input: a JSON path such as ``$.rules[0].serve`` and a sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadInput(PennonError):
    """What was given is wrong. `faults` holds every fault found, in the order of the input."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))

    @classmethod
    def at(cls, path: str, message: str) -> Self:
        """Return the error for a single fault."""
        return cls([Fault(path, message)])


class Refused(BadInput):
    """What was given is right, but cannot be said in another system's model without a change."""


class NotFound(PennonError):
    """A *kind* of thing (``"flag"``) whose *key* does not exist."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"There is no {kind} {key!r}.")


class Gone(PennonError):
    """What was asked for existed and is kept no longer."""


class Conflict(PennonError):
    """What was asked cannot be done in the present state."""


class AlreadyExists(Conflict):
    """A *kind* of thing whose *key* is taken."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"There is a {kind} {key!r} already.")


class AnsweredOnce(Conflict):
    """What is asked for was created, at *location*, and its secret was shown then."""

    def __init__(self, location: str) -> None:
        self.location = location
        super().__init__(
            f"This was created by an earlier request, at {location}, and its secret was shown in "
            "that answer alone. If nobody has it, revoke it and create another."
        )


class ReadOnly(Conflict):
    """This origin reads a copy of the database; changes are for the primary."""

    def __init__(self) -> None:
        super().__init__(
            "This origin is a read-only secondary: it serves a replica of the database. "
            "Make the change at the primary origin; it arrives here by itself."
        )


class PreconditionFailed(PennonError):
    """The object has moved on since it was read."""


class Unauthenticated(PennonError):
    """No key was given, or one that is unknown, expired or revoked."""


class Forbidden(PennonError):
    """The key is known but does not allow this."""


class TooManyAttempts(PennonError):
    """Too much was tried in vain; the next attempt counts after `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__("There were too many attempts that failed. Wait, then try again.")


class TooManyRequests(PennonError):
    """More is asked or held than one may; come back after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class NotReady(PennonError):
    """What is needed is not loaded yet; ask again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class SourceLost(PennonError):
    """
    The stream to the parent ended; `retry_after` is the parent's own wish in seconds, if any.

    `refused` says that the parent knows us and denies one of the environments asked for, and
    `unauthenticated` that it does not know our key.
    """

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        *,
        refused: bool = False,
        unauthenticated: bool = False,
    ) -> None:
        self.retry_after, self.refused = retry_after, refused
        self.unauthenticated = unauthenticated
        super().__init__(message)
