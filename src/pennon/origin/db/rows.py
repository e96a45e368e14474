"""The type of a row whose columns are read by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

AnyRow = Row[*tuple[Any, ...]]
