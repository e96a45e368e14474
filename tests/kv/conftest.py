"""One NATS for all tests that leave it running."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders.nats import Nats, a_nats


@pytest.fixture(scope="session")
def shared_nats() -> Iterator[Nats]:
    """Give a server that nobody ends."""
    with a_nats() as nats:
        yield nats
