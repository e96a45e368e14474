"""Tells an edge what a client has recorded: in batches, each until it is known to have arrived."""

from __future__ import annotations

import asyncio
import random
import threading
import uuid
from collections import deque
from collections.abc import Iterator
from typing import Final

import httpx2
import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire
from pennon.model.told_events import MOST_TOLD, ToldEvents
from pennon.relay.backoff import Backoff
from pennon.relay.retry_after import retry_after
from pennon.sdk.asking import http_options
from pennon.sdk.health import log
from pennon.sdk.options import Options
from pennon.sdk.recorder import Recorder, now_ms

PATH: Final = "/events/v1"
_MOST_BATCHES: Final = 40
_MOST_BYTES: Final = 400_000
_LOOK_SECONDS: Final = 0.5
_encode = msgspec.json.Encoder().encode


class _Batch(Struct):
    """Events that are told together, by an id that makes them count once."""

    told: ToldEvents
    tries: int = 0


class _Fault(Wire, frozen=True):
    path: str
    message: str


class _Answer(Wire, frozen=True):
    refused: tuple[_Fault, ...] = ()


class Telling:
    """
    Sends what *recorder* has taken down, to the edge of *options*.

    What the edge will never take is dropped and logged; what it cannot take now is told again,
    ever more slowly. At most 20,000 events wait; the oldest are dropped beyond.
    """

    def __init__(self, options: Options, recorder: Recorder) -> None:
        self._options, self._recorder = options, recorder
        self._url = options.url.rstrip("/") + PATH
        self._batches: deque[_Batch] = deque()
        self._lock = threading.Lock()
        self._backoff = Backoff(random.random)
        self.told = 0
        """How many events were taken."""

    @property
    def waiting(self) -> int:
        """How many events are known to have arrived nowhere yet."""
        return sum(len(batch.told.events) for batch in list(self._batches))

    async def run(self, http: httpx2.AsyncClient) -> None:
        """Tell for as long as it runs."""
        passed = 0.0
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._recorder.fold()
            passed += _LOOK_SECONDS
            if passed >= self._options.flush_seconds or self._recorder.has_many:
                passed = 0.0
                wait = await self.flush(http)
                if wait is not None:
                    await asyncio.sleep(wait + self._backoff.next())
                else:
                    self._backoff.reset()

    async def flush(self, http: httpx2.AsyncClient) -> float | None:
        """Tell all that is to be told; return how long to wait where that could not be done."""
        self._cut()
        while (batch := self._next()) is not None:
            try:
                answer = await http.post(self._url, content=self._body(batch))
            except httpx2.HTTPError as error:
                return self._unheard(batch, repr(error))
            wait = self._judged(batch, answer)
            if wait is not None:
                return wait
        return None

    def flush_now(self, timeout: float) -> None:
        """Tell it once more from this thread, where there is no loop any more."""
        self._cut()
        if not self._batches:
            return
        with httpx2.Client(**{**http_options(self._options), "timeout": timeout}) as http:
            while (batch := self._next()) is not None:
                try:
                    answer = http.post(self._url, content=self._body(batch))
                except httpx2.HTTPError as error:
                    self._unheard(batch, repr(error))
                    return
                if self._judged(batch, answer) is not None:
                    return

    def _cut(self) -> None:
        for events in _portions(self._recorder.take()):
            told = ToldEvents(
                id=uuid.uuid4().hex, environment=self._options.environment, events=events
            )
            self._batches.append(_Batch(told))
        with self._lock:
            while len(self._batches) > _MOST_BATCHES:
                self._recorder.dropped["unheard"] += len(self._batches.popleft().told.events)

    def _next(self) -> _Batch | None:
        with self._lock:
            return self._batches[0] if self._batches else None

    def _body(self, batch: _Batch) -> bytes:
        batch.tries += 1
        return _encode(replace(batch.told, sent_at=now_ms()))

    def _judged(self, batch: _Batch, answer: httpx2.Response) -> float | None:
        """Forget *batch* where the edge will have no more of it; else say how long to wait."""
        status = answer.status_code
        if status == 429 or status >= 500:
            return self._unheard(batch, f"it answered {status}", retry_after(answer.headers))
        self._forget(batch)
        events = len(batch.told.events)
        if status == 202:
            faults = _faults_in(answer.content)
            self.told += events - len(faults)
            for fault in faults[:3]:
                log.warning("The edge did not take an event: %s: %s", fault.path, fault.message)
        else:
            self._recorder.dropped["refused"] += events
            log.warning("The edge takes no events: it answered %s.", status)
        return None

    def _forget(self, batch: _Batch) -> None:
        with self._lock:  # two threads may have told the same
            if self._batches and self._batches[0] is batch:
                self._batches.popleft()

    def _unheard(self, batch: _Batch, why: str, wait: float | None = None) -> float:
        if batch.tries == 1:
            log.warning("Pennon could not tell of %s events yet: %s", len(batch.told.events), why)
        return wait or 0.0


def _portions(events: list[Raw]) -> Iterator[tuple[Raw, ...]]:
    """Yield *events* in portions that the edge takes."""
    portion: list[Raw] = []
    size = 0
    for event in events:
        length = len(memoryview(event))
        if portion and (len(portion) == MOST_TOLD or size + length > _MOST_BYTES):
            yield tuple(portion)
            portion, size = [], 0
        portion.append(event)
        size += length
    if portion:
        yield tuple(portion)


def _faults_in(content: bytes) -> tuple[_Fault, ...]:
    try:
        return decode(content, _Answer).refused
    except BadInput:
        return ()
