"""
How long a change takes from its commit to being applied on many followers, over real sockets.

    python -m benchmarks.propagation [--followers 50] [--changes 200] [--pause 0.05]

An origin is started as `pennon up` on SQLite; the followers are spread over two processes, each
with its own connection and replica. The origin stamps the commit in whole milliseconds, so a
figure may be 1 ms too low. Below stands the floor: the same bytes from a bare event loop.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2
import uvloop

from benchmarks.propagation.floor import fan_out
from tests.tree.processes import Tree, a_tree

ENVIRONMENT = "shop/production"
PROCESSES = 2


class Followers:
    """Follower processes, and what they noted."""

    def __init__(self, tree: Tree, count: int) -> None:
        shares = [count // PROCESSES + (n < count % PROCESSES) for n in range(PROCESSES)]
        self._children = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "benchmarks.propagation.followers"),
                    *(tree.url, tree.keys["relayKey"], ENVIRONMENT, str(share)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for share in shares
        ]
        for child in self._children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"

    def times(self) -> list[list[tuple[int, float]]]:
        """End them; return for each follower the versions applied and when."""
        noted: list[list[tuple[int, float]]] = []
        for child in self._children:
            output, _ = child.communicate("\n", timeout=30)
            noted += json.loads(output)
        return noted


def make_changes(tree: Tree, count: int, pause: float) -> dict[int, float]:
    """Flip a flag *count* times; return when each version was committed (epoch ms)."""
    flag = "/api/v1/projects/shop/environments/production/flags/new-checkout"
    committed = {}
    headers = {"Authorization": f"Bearer {tree.keys['adminToken']}"}
    with httpx2.Client(base_url=tree.url, headers=headers) as client:
        views = []
        for number in range(count):
            answer = client.patch(flag, json={"enabled": number % 2 == 0})
            answer.raise_for_status()
            views.append(answer.json())
            time.sleep(pause)
        for view in views:
            receipt = client.get(view["propagation"]).json()
            committed[view["version"]] = receipt["committedAt"]
    return committed


def describe(name: str, values: list[float]) -> str:
    """Return one line: p50, p99 and max in milliseconds."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return f"{name:<34}{cuts[49]:>9.1f}{cuts[98]:>9.1f}{max(values):>9.1f}"


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description="From commit to applied, in milliseconds.")
    parser.add_argument("--followers", type=int, default=50)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.05)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, a_tree(Path(folder)) as tree:
        tree.start_origin()
        followers = Followers(tree, options.followers)
        committed = make_changes(tree, options.changes, options.pause)
        time.sleep(0.5)
        noted = followers.times()
    took = [at - committed[version] for times in noted for version, at in times]
    expected = options.followers * options.changes
    floor = uvloop.run(fan_out(options.followers, options.changes, 700))
    print(f"{options.followers} followers, {options.changes} changes; milliseconds")
    print(f"{'':<34}{'p50':>9}{'p99':>9}{'max':>9}")
    print(describe("commit to applied", took))
    print(describe("floor: bare fan-out of 700 bytes", floor))
    print(f"applied {len(took)} of {expected}")
    sys.exit(0 if len(took) == expected else 1)


if __name__ == "__main__":
    main()
