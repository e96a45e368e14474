"""
What a client has to tell: how often it served what, to whom, and what the application tracks.

Every thread records; nobody waits, and what there is no room for is dropped and counted.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Raw

from pennon.evaluation.tracked import is_tracked, unit_key, unit_kind
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.events import LONGEST_NAME, MINUTE_MS, Property, Unit
from pennon.model.told_events import (
    LARGEST_PROPERTIES,
    ToldCustom,
    ToldEvaluations,
    ToldEvent,
    ToldExposure,
)
from pennon.relay.exposed import Exposed, identity_of
from pennon.relay.tally import Outcome, Tally
from pennon.sdk.health import log
from pennon.sdk.held import Held

MANY: Final = 500
"""How many events are told before their time."""
_MOST_WAITING: Final = 10_000
_FOLD_AT: Final = 4_096
_WINDOW_SECONDS: Final = 3_600.0
_encode = msgspec.json.Encoder().encode


def now_ms() -> int:
    """Return the time in epoch milliseconds."""
    return round(time.time() * 1000)


class Recorder:
    """Takes down what happens until it is told; `dropped` counts what there was no room for."""

    def __init__(self, held: Held, clock: Callable[[], int] = now_ms) -> None:
        self._held, self._clock = held, clock
        self.dropped: Counter[str] = Counter()
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        # To append is one step of the interpreter: no thread's answer is lost to another's.
        self._answers: deque[Detail] = deque()
        self._tally = Tally(self._minute())
        self._exposed = Exposed(_WINDOW_SECONDS, time.monotonic())
        self._events: list[Raw] = []

    after_fork = _begin
    """What the parent has taken down, the parent tells."""

    @property
    def has_many(self) -> bool:
        """Whether it is time to tell."""
        return len(self._events) >= MANY

    def count(self, detail: Detail, context: Context) -> None:
        """Take down an answer."""
        answers = self._answers
        answers.append(detail)
        if len(answers) >= _FOLD_AT:
            self.fold()
        if detail.flag in self._held.tracked:
            self._expose(detail, context)

    def track(
        self,
        name: str,
        context: Context,
        value: float | None,
        properties: Mapping[str, Property],
    ) -> None:
        """Take down what the application tells of: of whom, by kinds and keys alone."""
        keys = ((kind, unit_key(context.kinds, kind)) for kind in context.kinds)
        units = {kind: key for kind, key in keys if key is not None}
        try:
            if value is not None and not math.isfinite(value):
                raise ValueError(f"expected a finite value, got {value}")
            if len(_encode(properties)) > LARGEST_PROPERTIES:
                raise ValueError(f"expected at most {LARGEST_PROPERTIES} bytes of properties")
            event = ToldCustom(
                at=self._clock(), name=name, value=value, properties=dict(properties), units=units
            )
            # What is told must be readable: it is said here and now to who can mend it.
            msgspec.json.decode(_encode(event), type=ToldCustom)
        except (
            TypeError,
            ValueError,
            OverflowError,
            msgspec.MsgspecError,
            RecursionError,
        ) as error:
            self.dropped["custom"] += 1
            log.warning("Pennon cannot tell of the event %r: %s", name, error)
            return
        self._add("custom", event)

    def fold(self) -> None:
        """Add up the answers so far, as of this minute; to be called every now and then."""
        with self._lock:
            self._fold()

    def take(self) -> list[Raw]:
        """Return what is to be told, encoded, and forget it."""
        with self._lock:
            self._fold()
            taken, self._events = self._events, []
            counted = self._tally.take()
            self._exposed.tick(time.monotonic())
            self.dropped["evaluations"] += self._tally.lost
            self._tally.lost = 0
        return taken + [_encoded(_told(outcome, count)) for outcome, count in counted.items()]

    def _fold(self) -> None:
        answers = self._answers
        self._tally.begin(self._minute())
        self._tally.count_all([answers.popleft() for _ in range(len(answers))])

    def _minute(self) -> int:
        now = self._clock()
        return now - now % MINUTE_MS

    def _expose(self, detail: Detail, context: Context) -> None:
        flag = self._held.ruleset.flag(detail.flag)
        if flag is None or detail.variation is None or not is_tracked(flag, detail):
            return
        kind = unit_kind(flag, detail.rule_id)
        key = unit_key(context.kinds, kind)
        if key is None:
            return
        variation = detail.variation[:LONGEST_NAME]
        identity = identity_of("", detail.flag, detail.version, variation, kind, key)
        with self._lock:
            if identity in self._exposed:
                return
            self._exposed.add(identity)
        event = ToldExposure(
            at=self._clock(),
            flag=detail.flag,
            variation=variation,
            version=detail.version,
            rule_id=detail.rule_id,
            unit=Unit(kind=kind, key=key),
        )
        self._add("exposures", event)

    def _add(self, sort: str, event: ToldEvent) -> None:
        encoded = _encoded(event)
        with self._lock:
            if len(self._events) >= _MOST_WAITING:
                self.dropped[sort] += 1
            else:
                self._events.append(encoded)


def _encoded(event: ToldEvent) -> Raw:
    return Raw(_encode(event))


def _told(outcome: Outcome, count: int) -> ToldEvaluations:
    return ToldEvaluations(
        at=outcome.minute,
        flag=outcome.flag,
        variation=outcome.variation,
        reason=outcome.reason,
        count=count,
    )
