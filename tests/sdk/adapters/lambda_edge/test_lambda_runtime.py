"""The function as Lambda runs it: by the real runtime client, from a folder with a bundle beside the module."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.lambda_runtime import RuntimeApi, function
from support.cloudfront import KINDS, check, event, values
from support.edge import ALL_TCF, TEST_RING, edge_bundle
from support.readme import blocks

PAGE = Path(__file__).parents[4] / "docs" / "lambda-edge.md"


def write_function(folder: Path) -> None:
    """The module that the documentation shows, its bundle and its keys."""
    (folder / "function.py").write_text(blocks(PAGE, "The function", "python")[0], encoding="utf-8")
    now_s = int(time.time())  # the function has no other clock
    (folder / "shop.bundle").write_bytes(edge_bundle(created_s=now_s - 60, expires_s=now_s + 86_400))
    TEST_RING.write(folder / "trusted-keys.json")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuntimeApi]:
    folder = tmp_path_factory.mktemp("function")
    write_function(folder)
    with function(folder, "function.handler", log=folder / "log") as running:
        yield running


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_event_is_answered_as_cloudfront_wants_it(api: RuntimeApi, kind: str) -> None:
    sent = event(kind, [("Cookie", f"euconsent-v2={ALL_TCF}"), ("X-Discreet-Home-Hero", "vip")])

    said, returned = api.invoke(sent)

    assert said == "response"
    check(sent, returned)
    if kind.endswith("request"):
        assert values(returned, "x-discreet-home-hero") == ["welcome"]
    else:
        assert values(returned, "cache-control") == ["private, no-store"]


def test_a_body_is_answered(api: RuntimeApi) -> None:
    sent = event("viewer-request", uri="/v1/decide", method="POST", body='{"placement": "page.footer"}')

    said, returned = api.invoke(sent)

    assert (said, returned["status"]) == ("response", "200")
    assert '"offer":"shops"' in returned["body"]


BROKEN: dict[str, Any] = {
    "nothing": {},
    "no text": None,
    "a list": [1],
    "no records": {"Records": []},
    "no headers": {"Records": [{"cf": {"config": {"eventType": "viewer-request"}, "request": {"uri": "/"}}}]},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_malformed_event_is_no_error_and_the_next_one_is_answered(api: RuntimeApi, broken: Any) -> None:
    assert api.invoke(broken)[0] == "response"

    said, returned = api.invoke(event("viewer-request"))

    assert (said, values(returned, "x-discreet-home-hero")) == ("response", ["welcome"])


def test_a_bundle_that_nobody_signed_stops_the_deployment(tmp_path: Path) -> None:
    write_function(tmp_path)
    bundle = tmp_path / "shop.bundle"
    data = bytearray(bundle.read_bytes())
    data[-1] ^= 1
    bundle.write_bytes(data)

    with function(tmp_path, "function.handler", log=tmp_path / "log") as running:
        said, returned = running.answer()

    assert (said, returned["errorType"]) == ("error", "BadSignature")
