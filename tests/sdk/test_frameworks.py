"""The recipes of `examples/python`, run as they say they are run, against a real edge."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.builders.children import free_port
from tests.builders.sdk import eventually
from tests.tree.asking import Origin
from tests.tree.processes import Tree, a_tree

pytestmark = pytest.mark.timeout(180)

RECIPES = Path(__file__).parents[2] / "examples/python"
WORKERS = 4


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin that serves."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        yield tree


@contextmanager
def running(tree: Tree, log: Path, *command: str, **variables: str) -> Iterator[None]:
    """Run a command in the folder of the recipes, as its user would, for the length of a block."""
    environment = {
        **os.environ,
        "PENNON_SERVER_KEY": tree.keys["serverKey"],
        "PENNON_URL": tree.url,
        **variables,
    }
    with log.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=RECIPES, env=environment, stdout=out, stderr=out
        )
        try:
            yield
        except BaseException:
            print(log.read_text())
            raise
        finally:
            child.terminate()
            child.wait(30)


class Shop:
    """A shop that serves, asked again and again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.seen: dict[int, str] = {}

    def ask(self, times: int = WORKERS * 4) -> None:
        """Note what each process says by now."""
        for _ in range(times):
            try:
                answer = httpx2.get(f"{self._url}/checkout", timeout=10).json()
            except httpx2.HTTPError:
                return
            self.seen[answer.get("process", 0)] = answer["checkout"]

    def all_say(self, checkout: str, processes: int) -> bool:
        """Return whether so many processes have answered, and all of them that."""
        self.ask()
        return len(self.seen) == processes and {*self.seen.values()} == {checkout}


@pytest.mark.parametrize("application", ["flask_app:app", "django_app:application"])
def test_gunicorn(tree: Tree, tmp_path: Path, application: str) -> None:
    """
    Every process that gunicorn forks off after it has loaded the application is told of a change.
    """
    origin = Origin(tree)
    origin.switch(False)
    address = f"127.0.0.1:{free_port()}"
    options = ("--preload", "--workers", str(WORKERS), "--bind", address)
    with running(tree, tmp_path / "log", "gunicorn", *options, application):
        shop = Shop(f"http://{address}")
        eventually(lambda: shop.all_say("classic", WORKERS))
        origin.switch(True)
        eventually(lambda: shop.all_say("new", WORKERS))


def test_fastapi(tree: Tree, tmp_path: Path) -> None:
    """An application on asyncio has its client for as long as it serves."""
    origin = Origin(tree)
    origin.switch(False)
    port = str(free_port())
    with running(tree, tmp_path / "log", "uvicorn", "fastapi_app:app", "--port", port):
        shop = Shop(f"http://127.0.0.1:{port}")
        eventually(lambda: shop.all_say("classic", 1))
        origin.switch(True)
        eventually(lambda: shop.all_say("new", 1))


def test_celery(tree: Tree, tmp_path: Path) -> None:
    """The processes that Celery forks off follow by themselves."""
    (folder := tmp_path / "broker").mkdir()
    places: Mapping[str, str] = {
        "BROKER": "filesystem://",
        "BROKER_FOLDER": str(folder),
        "RESULTS": f"file://{folder}",
    }
    asking = (
        "import sys, celery_app; "
        "print(celery_app.checkout.delay('ada').get(timeout=30)['checkout'])"
    )
    origin = Origin(tree)

    def checkout() -> str:
        done = subprocess.run(
            [sys.executable, "-c", asking],
            cwd=RECIPES,
            env={**os.environ, "PENNON_SERVER_KEY": tree.keys["serverKey"], **places},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    origin.switch(False)
    worker = ("celery", "--app", "celery_app", "worker", "--concurrency", "2")
    with running(tree, tmp_path / "log", *worker, **places):
        first = checkout()
        origin.switch(True)
        eventually(lambda: checkout() == "new")

    assert first == "classic"
