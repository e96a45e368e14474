"""
A shop in Flask. Run it with as many processes as there are cores:

    PENNON_SERVER_KEY=pnn_srv_… PENNON_URL=https://edge.example.com \
        gunicorn --preload --workers 4 flask_app:app

The client is made once, when the module is imported. Each process that gunicorn forks off follows
its environment by itself; there is nothing to do after a fork.
"""

from __future__ import annotations

import os

from flask import Flask, request

from pennon import Client

flags = Client()
app = Flask(__name__)


@app.get("/checkout")
def checkout() -> dict[str, object]:
    """Say which checkout a visitor sees, and which process said so."""
    visitor = {"targetingKey": request.args.get("visitor", "anonymous"), "plan": "pro"}
    new = flags.boolean("new-checkout", visitor, default=False)
    return {"checkout": "new" if new else "classic", "process": os.getpid()}
