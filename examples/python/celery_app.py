"""
Tasks in Celery, whose worker forks off the processes that do them.

    PENNON_SERVER_KEY=pnn_srv_… PENNON_URL=https://edge.example.com \
        celery --app celery_app worker

The client is made in the parent, and each process follows by itself.
"""

from __future__ import annotations

import os

from celery import Celery

from pennon import Client

app = Celery("shop", broker=os.environ.get("BROKER", "amqp://"))
app.conf.result_backend = os.environ.get("RESULTS", "rpc://")
app.conf.broker_transport_options = {
    name: os.environ["BROKER_FOLDER"]
    for name in ("data_folder_in", "data_folder_out", "control_folder")
    if "BROKER_FOLDER" in os.environ
}
flags = Client()


@app.task(name="checkout")  # type: ignore[untyped-decorator]
def checkout(visitor: str) -> dict[str, object]:
    """Say which checkout a visitor sees, and which process said so."""
    new = flags.boolean("new-checkout", {"targetingKey": visitor, "plan": "pro"}, default=False)
    return {"checkout": "new" if new else "classic", "process": os.getpid()}
