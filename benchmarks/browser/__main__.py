"""
Print what SDKs for pages weigh, and how soon a page has its first flag, in one run in Chromium.

    python -m benchmarks.browser [--rounds 9]

`README.md` says what is printed, and what to install first.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser

from benchmarks.browser.pages import pages_of, served
from tests.builders.browser import CHROMIUM, ROOT, a_chromium

HERE: Final = Path(__file__).parent
NAMES: Final = {
    "pennon": "Pennon",
    "pennon/inline": "Pennon, in the HTML",
    "pennon-live": "Pennon, with stream, events, cache",
    "pennon-openfeature": "Pennon under OpenFeature",
    "growthbook": "GrowthBook",
    "unleash": "Unleash",
    "flagsmith": "Flagsmith",
    "launchdarkly": "LaunchDarkly 3",
    "launchdarkly-4": "LaunchDarkly 4",
    "ofrep": "OFREP's provider (one request)",
}
SLOW: Final = {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
PATIENCE_MS: Final = 60_000


class Time(NamedTuple):
    """When a page had its first flag, in milliseconds, and what was asked by then."""

    start: float
    page: float
    asked: int


def visit(browser: Browser, url: str, *, slow: bool) -> Time:
    """Open a page in a fresh profile, and return what it measured."""
    context = browser.new_context()
    try:
        page = context.new_page()
        if slow:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"offline": False, **SLOW})
            session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(url)
        page.wait_for_function("window.measured", timeout=PATIENCE_MS)
        told: dict[str, Any] = page.evaluate("window.measured")
        return Time(told["start"], told["page"], told["asked"])
    finally:
        context.close()


def measure(browser: Browser, url: str, rounds: int) -> dict[tuple[str, bool], list[Time]]:
    """Return the times of each page, as it is and slow; each round opens all in turn."""
    times: dict[tuple[str, bool], list[Time]] = defaultdict(list)
    for number in range(-1, rounds):
        for name in NAMES:
            for slow in (False, True):
                time = visit(browser, f"{url}/{name}", slow=slow)
                if number >= 0:  # the first round warms the browser up
                    times[name, slow].append(time)
    return times


def report(sizes: dict[str, dict[str, int]], times: dict[tuple[str, bool], list[Time]]) -> None:
    """Print a line for each page."""
    print(f"{'':36}{'min':>9}{'gzip':>9}{'brotli':>9}  start   page   slow:    page  asked")
    for name, title in NAMES.items():
        size = sizes[name.partition("/")[0]]
        weight = "".join(f"{size[part]:9,}" for part in ("min", "gzip", "brotli"))
        usual, slow = times[name, False], times[name, True]
        start, page = _median(usual, 0), _median(usual, 1)
        print(
            f"{title:36}{weight}{start:7.1f}{page:7.0f}"
            f"{_median(slow, 0):8.1f}{_median(slow, 1):8.0f}{usual[0].asked:7}"
        )


def _median(times: list[Time], at: int) -> float:
    return statistics.median(time[at] for time in times)


def main() -> None:
    """Build the pages, open them, and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.browser", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds: int = parser.parse_args().rounds
    if CHROMIUM is None or not (HERE / "node_modules").is_dir():
        print("Needs Chromium, and `scripts/with-node npm ci --prefix benchmarks/browser`.")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = subprocess.run(
            [ROOT / "scripts/with-node", "node", HERE / "build.mjs", folder],
            check=True,
            capture_output=True,
            text=True,
        )
        scripts = {path.stem: path.read_text() for path in folder.glob("*.js")}
    with served(pages_of(scripts)) as url, a_chromium() as browser:
        report(json.loads(built.stdout), measure(browser, url, rounds))


if __name__ == "__main__":
    main()
