"""Ways to an edge: a proxy, and an end of TLS before it; each connection in a thread."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import SplitResult, urlsplit

from tests.builders.certificates import Certificate


@contextmanager
def a_tls_end(certificate: Certificate, url: str) -> Iterator[str]:
    """Give an https address behind which is *url*."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate.certificate, certificate.key)

    def serve(raw: socket.socket) -> None:
        with tls.wrap_socket(raw, server_side=True) as client, _connected(urlsplit(url)) as edge:
            _join(client, edge)

    with _listening(serve) as port:
        yield f"https://127.0.0.1:{port}"


@contextmanager
def a_proxy(asked: list[str]) -> Iterator[str]:
    """Give the address of a proxy that notes in *asked* what it is asked: tunnels and requests."""

    def serve(client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (data := client.recv(65_536)):
                return
            head += data
        method, target, _ = head.decode().split(" ", 2)
        asked.append(f"{method} {target}")
        if method == "CONNECT":
            with _connected(urlsplit(f"//{target}")) as edge:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                _join(client, edge)
            return
        at = urlsplit(target)
        path = at._replace(scheme="", netloc="").geturl()
        line, _, rest = head.partition(b"\r\n")
        line = line.replace(target.encode(), path.encode())
        with _connected(at) as edge:  # one request a connection: the next has a whole target again
            edge.sendall(line + b"\r\nConnection: close\r\n" + rest)
            _join(client, edge)

    with _listening(serve) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # whoever asks may go at any time
                serve(self.request)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        listening = threading.Thread(target=server.serve_forever, args=(0.05,))
        listening.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            listening.join()


def _connected(at: SplitResult) -> socket.socket:
    assert at.hostname
    assert at.port
    return socket.create_connection((at.hostname, at.port))


def _join(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until either side ends."""
    facing = {one: other, other: one}
    while True:
        # What TLS has unpacked already, no selector sees.
        unpacked = [end for end in facing if isinstance(end, ssl.SSLSocket) and end.pending()]
        for end in unpacked or select.select([*facing], [], [])[0]:
            data = end.recv(65_536)
            if not data:
                return
            facing[end].sendall(data)
