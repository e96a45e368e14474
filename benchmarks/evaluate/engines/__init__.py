"""One module an engine: it builds the flags of `cases` in its own model and returns its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Calls = Mapping[str, Callable[[], object]]
"""By the name of a case: a call without arguments that evaluates."""
