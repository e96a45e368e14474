"""Our evaluator in TypeScript, as one long-lived child process that is asked line by line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Final

from tests.fuzz.environments import Environment
from tests.fuzz.evaluators import Answer, Question, whole

_ROOT: Final = Path(__file__).parents[2]
_SCRIPT: Final = _ROOT / "packages/evaluator/scripts/evaluate-stream.mjs"


def find_node() -> str | None:
    """Return the Node that `make` uses: the one on PATH, else the one of the wheel."""
    carried = _ROOT / ".venv/node/node"
    return shutil.which("node") or (str(carried) if carried.exists() else None)


def missing() -> str | None:
    """Return what is not installed that this evaluator needs."""
    if find_node() is None:
        return "Node is not installed"
    if not (_ROOT / "node_modules/esbuild").exists():
        return "node_modules is not installed (npm ci)"
    return None


class OursInTypeScript:
    """`packages/evaluator`. Leave the block and the process ends."""

    name = "typescript"

    def __enter__(self) -> OursInTypeScript:
        self._process = subprocess.Popen(
            [find_node() or "node", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            bufsize=1 << 20,
        )
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._process:
            if error is not None:
                self._process.kill()

    def answers(
        self, environment: Environment, questions: Sequence[Question]
    ) -> list[Answer | None]:
        # Asked from another thread: both pipes are short, and Node waits until it is read.
        asking = Thread(target=self._ask, args=(_lines(environment, questions),))
        asking.start()
        answers: list[Answer | None] = [self._read() for _ in questions]
        asking.join()
        return answers

    def _ask(self, lines: list[str]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.writelines(lines)
        self._process.stdin.flush()

    def _read(self) -> Answer:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The TypeScript evaluator has ended.")
        return whole(json.loads(line))


def _lines(environment: Environment, questions: Sequence[Question]) -> list[str]:
    """Return what the script reads: the datafile goes with the first question."""
    datafile = {
        "environment": "fuzz/fuzz",
        "epoch": "0000000000000-00000000",
        "version": 1,
        "digest": "",
        "flags": environment.flags,
        "segments": environment.segments,
    }
    lines = []
    for i, question in enumerate(questions):
        line = {
            "flag": question.flag,
            "context": question.context,
            "memberships": environment.memberships,
        }
        lines.append(json.dumps(line if i else {"datafile": datafile, **line}) + "\n")
    return lines
