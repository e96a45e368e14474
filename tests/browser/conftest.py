"""One browser for all pages of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.builders.browser import CHROMIUM, Site, a_chromium, a_site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a Chromium, or leave the test out where there is none."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's package chromium")
    with a_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Give a site without pages."""
    with a_site() as site:
        yield site
