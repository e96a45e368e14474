"""What is kept of whom a flag served goes before the flag does, a little at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.origin.db.tables import exposures
from pennon.origin.deletion.clearing import clear
from tests.builders.api import Api, a_new_flag, a_shop
from tests.builders.events import a_telling, an_exposure

FLAGS = "/projects/shop/flags"


async def exposed(api: Api) -> None:
    """Serve a few visitors, at several times, a flag and another one."""
    await api.origin.intake.take(
        a_telling(
            exposures=(
                *(an_exposure(str(n), at=api.clock() - n) for n in range(7)),
                an_exposure("ada", flag="search"),
            )
        )
    )


async def left(api: Api) -> list[str]:
    """Return the flags whose exposures are kept."""
    column = [column.name for column in exposures.columns].index("flag")
    return sorted(row[column] for row in (await api.everything())["exposures"])


class TestClear:
    @pytest.mark.parametrize("most", [1, 3, 100])
    async def test_a_deleted_flag(self, tmp_path: Path, most: int) -> None:
        """All of it goes, and nothing of another flag."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("search")) as api:
            await exposed(api)
            await api.patch(f"{FLAGS}/checkout", {"archived": True})
            await api.ask("DELETE", f"{FLAGS}/checkout", status=200)
            await clear(api.origin.database, "shop", "flag", "checkout", most=most)
            kept = await left(api)

        assert kept == ["search"]

    async def test_a_flag_that_is_not_deleted(self, tmp_path: Path) -> None:
        """What was restored meanwhile keeps what is left."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("search")) as api:
            await exposed(api)
            await clear(api.origin.database, "shop", "flag", "checkout")
            kept = await left(api)

        assert kept == ["checkout"] * 7 + ["search"]
