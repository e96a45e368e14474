"""
The fixture `pennon_flags`, which pytest finds wherever Pennon is installed.

It imports nothing of Pennon before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pennon.testing import TestClient


@pytest.fixture
def pennon_flags() -> Iterator[TestClient]:
    """Give a Pennon client without a network, which serves everyone what the test sets."""
    from pennon.testing import flags

    with flags({}) as client:
        yield client
