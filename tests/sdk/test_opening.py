"""Which environment a key opens, asked of an edge."""

from __future__ import annotations

import httpx2
import pytest

from pennon.errors import SourceLost
from pennon.sdk.opening import Moved, check_still_opened, opened_by_key

URL = "http://edge.test/"


def an_edge(status: int, *environments: str) -> httpx2.AsyncClient:
    """Return a way to an edge that says that a key opens *environments*."""
    answer = httpx2.Response(status, json={"environments": environments})
    return httpx2.AsyncClient(transport=httpx2.MockTransport(lambda request: answer))


async def test_one() -> None:
    """A key that opens one environment need not be told which."""
    assert await opened_by_key(an_edge(200, "shop/production"), URL) == "shop/production"


async def test_several() -> None:
    """One that opens several must."""
    with pytest.raises(SourceLost, match="name one of: shop/a, shop/b"):
        await opened_by_key(an_edge(200, "shop/a", "shop/b"), URL)


@pytest.mark.parametrize(("status", "refused"), [(401, True), (403, True), (500, False)])
async def test_refused(status: int, refused: bool) -> None:
    """A key that is refused is told from an edge that is in trouble."""
    with pytest.raises(SourceLost) as caught:
        await opened_by_key(an_edge(status), URL)

    assert (caught.value.refused or caught.value.unauthenticated) is refused


async def test_moved() -> None:
    """Where the environment that was followed is gone, the one that took its place is followed."""
    with pytest.raises(Moved, match="shop/next"):
        await check_still_opened(an_edge(200, "shop/next"), URL, "shop/production")


@pytest.mark.parametrize("opened", [["shop/production"], ["shop/a", "shop/b"], []])
async def test_not_moved(opened: list[str]) -> None:
    """It stays where it is, also while nobody can tell."""
    await check_still_opened(an_edge(200, *opened), URL, "shop/production")
