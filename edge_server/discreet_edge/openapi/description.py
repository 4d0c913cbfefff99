"""`/openapi.json`: OpenAPI 3.1, of this server under its settings."""

from __future__ import annotations

from typing import Any

import orjson

from discreet import __version__

from ..answers import Answer
from ..edge_settings import EdgeSettings
from ..received import Received
from .paths import paths
from .schemas import schemas


def document(settings: EdgeSettings) -> dict[str, Any]:
    """The whole document, as plain data."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "discreet edge server",
            "version": __version__,
            "description": "Decides which offer shows, from what the visitor permits to be known.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths(settings),
        "components": {
            "schemas": schemas(settings),
            "securitySchemes": {"admin": {"type": "http", "scheme": "bearer"}},
        },
    }


class Description:
    """The handler."""

    __slots__ = ("_answer",)

    def __init__(self, settings: EdgeSettings) -> None:
        headers = ((b"cache-control", b"public, max-age=300"),)
        self._answer = Answer(200, orjson.dumps(document(settings)), headers=headers)

    async def __call__(self, _: Received) -> Answer:
        return self._answer
