"""The least that a JSON endpoint on Starlette does: it is asked, and answers a fixed document."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def answer(_: Request) -> JSONResponse:
    """The same every time; the body of the request is not even read."""
    return JSONResponse({"placement": "home.hero", "offer": "welcome", "content": {"title": "Welcome"}})


async def read_and_answer(request: Request) -> JSONResponse:
    """As any endpoint that takes JSON must: the body is read and parsed first."""
    await request.json()
    return await answer(request)


app = Starlette(
    routes=[
        Route("/bare", answer, methods=["GET", "POST"]),
        Route("/reads", read_and_answer, methods=["POST"]),
    ]
)
