"""
A shop in FastAPI.

    PENNON_SERVER_KEY=pnn_srv_… PENNON_URL=https://edge.example.com uvicorn fastapi_app:app

The client lives as long as the application, and requests are given it: so a test can hand them
another (`app.dependency_overrides[flags] = …`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from pennon import AsyncClient


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Follow for as long as the application serves."""
    async with AsyncClient() as client:
        app.state.flags = client
        yield


app = FastAPI(lifespan=lifespan)


def flags(request: Request) -> AsyncClient:
    """Give the application's client."""
    client: AsyncClient = request.app.state.flags
    return client


@app.get("/checkout")
async def checkout(
    flags: Annotated[AsyncClient, Depends(flags)], visitor: str = "anonymous"
) -> dict[str, str]:
    """Say which checkout a visitor sees."""
    context = {"targetingKey": visitor, "plan": "pro"}
    new = flags.boolean("new-checkout", context, default=False)
    return {"checkout": "new" if new else "classic"}
