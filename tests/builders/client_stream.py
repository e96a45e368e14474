"""A client of the client stream, in our hands: it takes what it wants to, and comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pennon.edge.client_stream.streams import CLIENT_STREAM_PATH
from pennon.evaluation.evaluate import evaluate_all
from pennon.evaluation.served import all_served
from pennon.model.bootstrap import BootstrapFlag
from pennon.model.client_events import Patch, Put
from pennon.model.codec import decode
from pennon.model.context import Context
from pennon.relay.sse import Event, SseParser
from pennon.web.data_plane import DataPlane
from pennon.web.handler import Feed, Piece, Request, Response, Stream
from tests.builders.edge import CLIENT, AnEdge
from tests.builders.relay import SHOP

READERS: dict[str, type[Put] | type[Patch]] = {"put": Put, "patch": Patch}


class Listener:
    """
    A client that keeps its flags by what a stream says; `since` is what it would say to go on.

    One that is not `eager` takes a piece and no more, until it `resume`s.
    """

    def __init__(self, flags: Mapping[str, BootstrapFlag] | None = None, since: str = "") -> None:
        self.flags = dict(flags or {})
        self.since = since
        self.eager = True
        self.events: list[Event] = []
        self.text = b""
        self.ended = False
        self.feed: Feed | None = None
        self._parser = SseParser()

    def ask(self, edge: AnEdge, context: Any, *, key: str = CLIENT) -> Response:
        """Ask *edge* for the stream of *context*, and open it if there is one."""
        answer = DataPlane(*edge.parts).answer(
            Request(
                method="POST",
                path=CLIENT_STREAM_PATH,
                headers={"authorization": f"Bearer {key}", "accept": "text/event-stream"},
                body=json.dumps({"context": context, "since": self.since}).encode(),
            )
        )
        if isinstance(answer, Stream):
            self._parser, self.ended, self.feed = SseParser(), False, answer.feed
            answer.feed.open(self)
            return Response(status=answer.status, headers=answer.headers)
        assert isinstance(answer, Response)
        return answer

    def look(self) -> None:
        """Have the node look what there is to tell."""
        if self.feed is not None and not self.ended:
            self.feed.look()  # type: ignore[attr-defined]  # a seat has it

    def resume(self) -> None:
        """Take more."""
        if self.feed is not None and not self.ended:
            self.feed.resume()

    def leave(self) -> None:
        """Be gone."""
        feed, self.feed = self.feed, None
        if feed is not None:
            feed.close()

    # What the feed calls.

    def write(self, piece: Piece) -> bool:
        self.text += bytes(piece)
        for event in self._parser.feed(bytes(piece)):
            self.events.append(event)
            if event.name in READERS:
                self.flags = decode(event.data, READERS[event.name]).applied_to(self.flags)
                self.since = event.id
        return self.eager

    def end(self) -> None:
        self.ended = True
        self.leave()

    def abort(self) -> None:
        raise AssertionError("it was cut off")

    @property
    def names(self) -> list[str]:
        """The names of the events so far."""
        return [event.name for event in self.events]

    def last(self) -> Any:
        """Return what the last event said."""
        return json.loads(self.events[-1].data)


def fresh(edge: AnEdge, context: Any, environment: str = SHOP) -> dict[str, BootstrapFlag]:
    """Return what a client is to have by now that asks *edge* with *context*."""
    ruleset = edge.evaluating.rulesets.get(environment)
    assert ruleset is not None
    details = evaluate_all(ruleset, Context.of(context), client_side="web")
    return {key: served.flag for key, served in all_served(details, ruleset).items()}
