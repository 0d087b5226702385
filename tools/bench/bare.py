"""The bare endpoint of `bench queue`: a POST that commits one row through the service's group commit, and no more.

    python -m tools.bench.bare FILE PORT

It takes what any endpoint of this stack takes, a small checked body and an Idempotency-Key; the row is the remembered
refusal of a command, the smallest thing that the hub ever commits.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header
from pydantic import BaseModel

from hub.adapters.clock import HallClock
from hub.adapters.memory import MemoryPublisher
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands
from hub.service import HallService


class Body(BaseModel):
    service: str


def create_app(service: HallService) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/bare")
    async def bare(body: Body, idempotency_key: Annotated[str, Header()]) -> dict:
        await service.handle(commands.SignOut(idempotency_key, body.service, "hub"))
        return {}

    return app


async def main(file: Path, port: int) -> None:
    store = SqliteStore(file)
    service = HallService(store, MemoryPublisher(), HallClock("UTC", "00:00"), 1)
    writer = asyncio.create_task(service.run())
    config = uvicorn.Config(
        create_app(service), port=port, log_level="warning", access_log=False, lifespan="off", proxy_headers=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    await serving
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    store.close()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2])))
