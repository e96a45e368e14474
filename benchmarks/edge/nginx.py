"""The floor: nginx with one process, whose answer is a constant."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.edge.pennon import SINGLE
from benchmarks.edge.servers import Ask, Asked, Missing, Server, free_port, started, until_listening

_CONFIGURATION: Final = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    default_type application/json;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 '{body}'; }}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[Server]:
    """Run an nginx that answers every single evaluation with *body*."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise Missing("nginx")
    port, configuration, log = free_port(), folder / "nginx.conf", folder / "nginx.err"
    text = _CONFIGURATION.format(folder=folder, port=port, body=body.decode())
    configuration.write_text(text, encoding="utf-8")
    with started([program, "-c", configuration], log) as process:
        until_listening(port, log)
        asks: dict[Asked, Ask] = {"single": SINGLE, "varied": SINGLE}
        yield Server(name="nginx, constant", port=port, pid=process.pid, asks=asks)
