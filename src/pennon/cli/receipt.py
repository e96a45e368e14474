"""Who has a change: asked until all have it or time is up, and shown meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Annotated, Final

from cyclopts import Parameter
from msgspec import Raw

from pennon.cli.api_client import ApiClient
from pennon.cli.errors import CommandFailed
from pennon.cli.output import print_json
from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire

Wait = Annotated[
    bool | float,
    Parameter(
        negative="",
        help="Wait until every PoP has it, at most so many seconds (30 when none are said).",
    ),
]

_SECONDS: Final = 30.0
_MOST_SECONDS: Final = 3600.0
_ROUND: Final = 1.0
_MOST_NAMED: Final = 10


class ReceiptView(Wire, frozen=True, kw_only=True):
    """A receipt, as far as it is drawn."""

    version: int
    expected: int
    applied: int
    complete: bool
    missing: tuple[str, ...] = ()
    p99_ms: int | None = None


def seconds_of(wait: bool | float) -> float | None:
    """Return for how long to wait, or None where nobody asked. Raises BadInput."""
    if wait is False:
        return None
    seconds = _SECONDS if wait is True else float(wait)
    if not 0 < seconds <= _MOST_SECONDS:
        raise BadInput.at("--wait", f"expected above 0 to {_MOST_SECONDS:g}, got {seconds:g}")
    return seconds


def wait_for_all(
    client: ApiClient, change: bytes, address: str, seconds: float, *, json: bool
) -> None:
    """
    Show who has a *change* until all have it. Raises CommandFailed when time is up before.

    For a program the change and its receipt are one JSON line, also then.
    """
    receipt, body = watch(client, address, seconds, _ignore if json else _tell_progress)
    if json:
        print_json({"change": Raw(change), "receipt": Raw(body)})
    elif sys.stderr.isatty():
        print(file=sys.stderr)  # the line on which progress was shown
    if not receipt.complete:
        raise CommandFailed(f"After {seconds:g} s {receipt_text(receipt)}.")


def watch(
    client: ApiClient,
    address: str,
    seconds: float,
    tell: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> tuple[ReceiptView, bytes]:
    """
    Return the receipt at *address* once it is complete, or as it is after *seconds*.

    *tell* is called with each sentence about it that is not the one before.
    """
    end, told = clock() + seconds, ""
    while True:
        left = max(end - clock(), 0.0)
        body = client.ask("GET", address, params={"wait": f"{min(left, _ROUND):.3f}"})
        receipt = read_receipt(body)
        if (text := receipt_text(receipt)) != told:
            tell(text)
            told = text
        if receipt.complete or clock() >= end:
            return receipt, body


def receipt_text(receipt: ReceiptView) -> str:
    """Return who has a version, in a sentence; who has not, by name."""
    if not receipt.expected:
        return f"v{receipt.version}: no PoP follows this environment"
    text = f"v{receipt.version} live on {receipt.applied}/{receipt.expected} PoPs"
    if receipt.complete:
        return text if receipt.p99_ms is None else f"{text}, p99 {receipt.p99_ms} ms"
    named = ", ".join(receipt.missing[:_MOST_NAMED])
    more = len(receipt.missing) - _MOST_NAMED
    return f"{text}, missing: {named}" + (f" and {more} more" if more > 0 else "")


def read_receipt(body: bytes) -> ReceiptView:
    """Read a receipt that the origin gave."""
    try:
        return decode(body, ReceiptView)
    except BadInput as error:
        raise CommandFailed(f"The origin gave no receipt that can be read: {error}") from None


def _tell_progress(text: str) -> None:
    """Show *text* beside what is printed: on a terminal over the text before, else on a line."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def _ignore(text: str) -> None:
    """Show nothing."""
