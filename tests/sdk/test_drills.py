"""
What a client lives through: a silent network, a machine that sleeps, an interpreter that ends.

`python -m tests.sdk.silence 60` is the first for a minute.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.model.messages import Heartbeat
from pennon.sdk.client import Client
from pennon.sdk.health import Health
from tests.builders.sdk import eventually
from tests.sdk.silence import drill
from tests.tree.asking import Origin
from tests.tree.processes import Tree, a_tree

pytestmark = pytest.mark.timeout(180)

PRO = {"targetingKey": "ada", "plan": "pro"}
FLAG = "new-checkout"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin that serves."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        yield tree


async def test_silence(tree: Tree) -> None:
    """
    While the network swallows everything, values stay, no exception comes and the age grows; when
    it is back, the client is in touch after at most two more tries.
    """
    told = await drill(tree, silent=1.5)

    assert told.values == {True}
    assert told.stale_ms == sorted(told.stale_ms)
    assert told.stale_ms[-1] >= 500
    assert told.trouble
    assert told.tries_after <= 2
    assert told.value_after is False


def test_a_machine_that_sleeps() -> None:
    """Time passes while the machine is suspended: what was heard before is old when it wakes."""
    now = [1_000.0]
    health = Health(75.0, lambda: now[0])
    health.freshness.heard(
        Heartbeat(environment="shop/production", epoch="e", version=1, digest="0", time=0)
    )
    fresh = health.stale_ms("shop/production")
    now[0] += 8 * 3600

    assert (fresh, health.stale_ms("shop/production")) == (None, 8 * 3_600_000)


def test_made_in_a_thread(tree: Tree) -> None:
    """A client outlives the thread that made it."""
    Origin(tree).switch(True)
    made: list[Client] = []
    maker = threading.Thread(target=lambda: made.append(Client(tree.keys["serverKey"], tree.url)))
    maker.start()
    maker.join()
    with made[0] as client:
        eventually(lambda: client.boolean(FLAG, PRO))


def test_several_environments(tree: Tree) -> None:
    """Clients of several environments in one process know nothing of each other."""
    origin = Origin(tree)
    origin.switch(True)
    new = {"kind": "server", "name": "staging", "environments": ["shop/staging"]}
    key = origin.ask("POST", "/api/v1/keys", json=new)["secret"]
    with Client(tree.keys["serverKey"], tree.url) as one, Client(key, tree.url) as other:
        eventually(lambda: one.boolean(FLAG, PRO) and other.status.state == "ready")
        states = [each.status.environment for each in (one, other)]
        positions = {each.status.position for each in (one, other)}

    assert states == ["shop/production", "shop/staging"]
    assert len(positions) == 2


def run(code: str, tree: Tree, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program that follows *tree* to its end."""
    program = folder / "program.py"
    program.write_text(code)
    variables = {"PENNON_SERVER_KEY": tree.keys["serverKey"], "PENNON_URL": tree.url}
    return subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


ENDING = """
import threading
from pennon import Client

flags = Client()
nowhere = Client(url="http://127.0.0.1:9")
flags.on_change("new-checkout", lambda flag: None)

def ask():
    while True:
        flags.boolean("new-checkout", {"targetingKey": "ada"})

for work in (ask, lambda: nowhere.ready(None), nowhere.ready):
    threading.Thread(target=work, daemon=True).start()
assert flags.ready()
flags.track("ended", {"targetingKey": "ada"})
print("over")
"""


def test_the_interpreter_ends(tree: Tree, tmp_path: Path) -> None:
    """A process ends while threads evaluate and wait: at once, in silence, with its events told."""
    ended = run(ENDING, tree, tmp_path)

    assert (ended.returncode, ended.stdout) == (0, "over\n")
    assert "Traceback" not in ended.stderr


FORKS = """
import os, threading
from pennon import Client

flags = Client()
assert flags.ready()

def held():
    return threading.active_count(), len(os.listdir("/proc/self/fd"))

before = held()
for _ in range(200):
    child = os.fork()
    if child == 0:
        os._exit(0 if flags.status.position and threading.active_count() == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
assert held() == before, (before, held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="It counts what is open as Linux tells.")
def test_many_forks(tree: Tree, tmp_path: Path) -> None:
    """Two hundred forks in a row leave no thread and no file behind, and each child has one."""
    forked = run(FORKS, tree, tmp_path)

    assert forked.returncode == 0, forked.stderr


PROCESSES = """
import multiprocessing
from pennon import Client

def ask(_):
    with Client() as own:
        return own.boolean("new-checkout", {"targetingKey": "ada", "plan": "pro"})

def ask_inherited(_):
    return flags.boolean("new-checkout", {"targetingKey": "ada", "plan": "pro"})

if __name__ == "__main__":
    flags = Client()
    assert flags.ready()
    for method, work in (("fork", ask_inherited), ("spawn", ask)):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(method, *pool.map(work, range(2)))
"""


def test_multiprocessing(tree: Tree, tmp_path: Path) -> None:
    """Processes of both kinds serve: those forked off what they were left, others their own."""
    Origin(tree).switch(True)
    ran = run(PROCESSES, tree, tmp_path)

    assert ran.stdout == "fork True True\nspawn True True\n", ran.stderr
