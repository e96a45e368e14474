"""
A server for the other clients: what LaunchDarkly's stream and Unleash's API would say.

    python -m benchmarks.sdk.peers

It prints its address and serves until it is killed. The flags are those of `benchmarks.edge`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.edge.cases import Conditions, Shape, shapes
from benchmarks.edge.servers import first_line, started
from benchmarks.evaluate.engines import launchdarkly


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Give the address of a server that runs for the length of a block."""
    log = folder / "peers.log"
    with started([sys.executable, "-m", "benchmarks.sdk.peers"], log) as process:
        yield first_line(process, log)


def launchdarkly_event() -> bytes:
    """Return the first event of a stream: all flags."""
    flags = {shape.key: _launchdarkly(shape) for shape in shapes()}
    data = {"path": "/", "data": {"flags": flags, "segments": {}}}
    return f"event: put\ndata: {json.dumps(data)}\n\n".encode()


def unleash_features() -> bytes:
    """Return all features."""
    return json.dumps({"version": 2, "features": [_unleash(shape) for shape in shapes()]}).encode()


def _launchdarkly(shape: Shape) -> dict[str, Any]:
    rules = [
        {
            "id": f"r{place}",
            "variation": 0,
            "clauses": [
                {"attribute": name, "op": "in", "values": values, "negate": False}
                for name, values in rule
            ],
        }
        for place, rule in enumerate(shape.rules)
    ]
    weights = [shape.share * 1000, (100 - shape.share) * 1000]
    split = [{"variation": index, "weight": weight} for index, weight in enumerate(weights)]
    return launchdarkly.flag(
        shape.key, on=shape.enabled, rules=rules, fallthrough={"rollout": {"variations": split}}
    )


def _unleash(shape: Shape) -> dict[str, Any]:
    strategies = [_strategy(rule) for rule in shape.rules]
    if shape.share:
        parameters = {"rollout": str(shape.share), "stickiness": "userId", "groupId": "all"}
        strategies.append({"name": "flexibleRollout", "parameters": parameters, "constraints": []})
    return {
        "name": shape.key,
        "type": "release",
        "enabled": shape.enabled,
        "strategies": strategies,
        "variants": [],
    }


def _strategy(rule: Conditions) -> dict[str, Any]:
    constraints = [
        {"contextName": name, "operator": "IN", "values": values} for name, values in rule
    ]
    return {"name": "default", "parameters": {}, "constraints": constraints}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/all"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            # In chunks: of any other body its client waits for 10,000 bytes more.
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._send(launchdarkly_event())
            with suppress(OSError):
                while True:  # a stream stays open, and says so
                    self._send(b":\n")
                    time.sleep(0.1)
        else:
            self._answer(unleash_features())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(b"{}", 202)

    def _send(self, chunk: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
