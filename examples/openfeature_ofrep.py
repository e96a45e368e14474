"""
Ask an edge through any OpenFeature SDK: here Python's, with its OFREP provider.

    pip install openfeature-sdk openfeature-provider-ofrep
    PENNON_SERVER_KEY=pnn_srv_… python examples/openfeature_ofrep.py ada

Prints the value of `new-checkout` for each user named, and why.
"""

from __future__ import annotations

import os
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext


def main(users: list[str]) -> None:
    """Evaluate the sample flag for *users*."""
    key = os.environ["PENNON_SERVER_KEY"]
    api.set_provider(
        OFREPProvider(
            os.environ.get("PENNON_URL", "http://127.0.0.1:8620"),
            headers_factory=lambda: {"Authorization": f"Bearer {key}"},
        )
    )
    client = api.get_client()
    for user in users:
        details = client.get_boolean_details("new-checkout", False, EvaluationContext(user))
        print(f"{user}: {details.value} ({details.reason})")


if __name__ == "__main__":
    main(sys.argv[1:] or ["ada", "grace"])
