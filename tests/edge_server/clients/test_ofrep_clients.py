"""The unmodified OFREP clients, in Python and in JavaScript for servers and browsers, against a real server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider  # pyright: ignore[reportMissingTypeStubs] - namespace
from openfeature.evaluation_context import EvaluationContext  # pyright: ignore[reportMissingTypeStubs] - namespace

from support.edge import ALL_TCF, NO_TCF, edge_bundle
from support.node_clients import NodeScript, script
from support.system import free_port, running, wait_until

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SHOES = {"title": "New shoes, Ada", "rate": 10.0, "image": "shoes.avif", "dark": True}

# type, key, default and context to value, variant, reason, errorCode, errorMessage and flagMetadata
Evaluate: TypeAlias = Callable[[str, str, Any, Mapping[str, Any]], dict[str, Any]]
Opened: TypeAlias = Callable[..., AbstractContextManager[Evaluate]]
METHODS = {"boolean": "boolean", "string": "string", "number": "float", "object": "object"}


class Server:
    """A server in its own process, and the file that it watches."""

    def __init__(self, url: str, file: Path) -> None:
        self.url, self.file = url, file


@contextmanager
def serving(folder: Path, *options: str) -> Generator[Server]:
    file, port = folder / "shop.bundle", free_port()
    file.write_bytes(edge_bundle())
    command: list[str | Path] = [sys.executable, HERE / "flags_server.py", str(port), file, *options]
    with running(
        command, port=port, log=folder / "log", environment={"PYTHONPATH": str(ROOT / "tests")}, cwd=ROOT
    ):
        yield Server(f"http://127.0.0.1:{port}", file)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as started:
        yield started


@contextmanager
def python_client(url: str, cookie: str = "") -> Generator[Evaluate]:
    provider = OFREPProvider(url, headers_factory=lambda: {"Cookie": cookie} if cookie else {})
    api.set_provider_and_wait(provider, domain=url + cookie)
    client = api.get_client(url + cookie)

    def evaluate(kind: str, key: str, default: Any, context: Mapping[str, Any]) -> dict[str, Any]:
        ask = getattr(client, f"get_{METHODS[kind]}_details")
        details = ask(key, default, EvaluationContext(attributes=context))
        return {
            "value": details.value,
            "variant": details.variant,
            "reason": details.reason,
            "errorCode": details.error_code and details.error_code.value,
            "errorMessage": details.error_message,
            "flagMetadata": details.flag_metadata,
        }

    yield evaluate
    provider.session.close()


def asked(running_script: NodeScript) -> Evaluate:
    def evaluate(kind: str, key: str, default: Any, context: Mapping[str, Any]) -> dict[str, Any]:
        answer = running_script.ask({"type": kind, "key": key, "fallback": default, "context": context})
        return {"variant": None, "errorCode": None, "errorMessage": None, **answer}

    return evaluate


@contextmanager
def server_client(url: str, cookie: str = "") -> Generator[Evaluate]:
    headers = [["Cookie", cookie]] if cookie else []
    with script(HERE / "server_client.mjs", {"baseUrl": url, "headers": headers}) as started:
        yield asked(started)


@contextmanager
def web_client(url: str, cookie: str = "") -> Generator[Evaluate]:
    headers = [["Cookie", cookie]] if cookie else []
    options = {"baseUrl": url, "headers": headers, "cacheMode": "disabled"}
    with script(HERE / "web_client.mjs", options) as started:
        yield asked(started)


CLIENTS: Mapping[str, Opened] = {
    "python": python_client,
    "javascript for servers": server_client,
    "javascript for browsers": web_client,
}


@pytest.fixture(scope="module", params=CLIENTS.values(), ids=list(CLIENTS))
def evaluate(request: pytest.FixtureRequest, server: Server) -> Iterator[Evaluate]:
    with request.param(server.url) as asking:
        yield asking


def context(tcf: str | None = ALL_TCF, **attributes: Any) -> dict[str, Any]:
    return {**attributes, "consent": {} if tcf is None else {"tcf": tcf}}


def hero(evaluate: Evaluate, tcf: str | None = ALL_TCF) -> dict[str, Any]:
    return evaluate(
        "object", "home.hero", {}, context(tcf, interests=["running"], first_name="Ada", country="FR")
    )


def test_a_placement_is_an_object(evaluate: Evaluate) -> None:
    known, static = hero(evaluate), evaluate("object", "page.footer", {}, context(None))

    assert (known["value"], known["variant"], known["reason"]) == (SHOES, "spring_shoes", "TARGETING_MATCH")
    assert (known["flagMetadata"]["bundle"], known["flagMetadata"]["version"]) == ("edge-shop", 12)
    assert known["flagMetadata"]["stage"] == "discover"
    assert (static["value"], static["reason"]) == ({"title": "Our shops", "count": 7}, "STATIC")


@pytest.mark.parametrize(
    ("kind", "field", "default", "value"),
    [("string", "title", "-", "Welcome"), ("boolean", "dark", True, False), ("number", "rate", 0.5, 1.0)],
)
def test_a_field_has_its_own_type(
    evaluate: Evaluate, kind: str, field: str, default: object, value: object
) -> None:
    answer = evaluate(kind, f"home.hero/{field}", default, context(NO_TCF))

    assert (answer["value"], answer["errorCode"]) == (value, None)
    assert (answer["variant"], answer["reason"]) == ("welcome", "DEFAULT")


def test_a_whole_number_is_no_float_to_the_client_that_tells_them_apart(
    evaluate: Evaluate, request: pytest.FixtureRequest
) -> None:
    days = evaluate("number", "basket.note/days", 0.5, context(None))

    is_python = request.node.callspec.params["evaluate"] is python_client
    assert (days["value"], days["errorCode"]) == ((0.5, "TYPE_MISMATCH") if is_python else (2, None))


def test_an_unknown_flag_is_the_default(evaluate: Evaluate) -> None:
    for key in ("nowhere", "home.hero/canary"):
        answer = evaluate("string", key, "the default", context(None))

        assert (answer["value"], answer["errorCode"]) == ("the default", "FLAG_NOT_FOUND")
        assert "canary" not in str(answer["errorMessage"])


def test_another_type_is_the_default(evaluate: Evaluate) -> None:
    answer = evaluate("string", "home.hero", "the default", context(None))

    assert (answer["value"], answer["errorCode"]) == ("the default", "TYPE_MISMATCH")


def test_consent_in_the_context_counts_and_its_withdrawal_at_once(evaluate: Evaluate) -> None:
    shown = [hero(evaluate, tcf)["variant"] for tcf in (ALL_TCF, NO_TCF, ALL_TCF, None)]

    assert shown == ["spring_shoes", "welcome", "spring_shoes", "welcome"]


@pytest.mark.parametrize(
    ("tcf", "variant"), [(ALL_TCF, "spring_shoes"), (NO_TCF, "welcome")], ids=["all", "none"]
)
@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_consent_comes_by_cookie_too_and_one_refusal_refuses(
    client: Opened, server: Server, tcf: str, variant: str
) -> None:
    with client(server.url, f"euconsent-v2={tcf}") as evaluate:
        shown = [hero(evaluate, None)["variant"], hero(evaluate, NO_TCF)["variant"]]

    assert shown == [variant, "welcome"]


@pytest.mark.parametrize("client", [python_client, server_client])
def test_a_newer_bundle_is_seen(client: Opened, tmp_path: Path) -> None:
    with serving(tmp_path) as own, client(own.url) as evaluate:

        def version() -> object:
            return evaluate("object", "page.footer", {}, context(None))["flagMetadata"]["version"]

        assert version() == 12
        own.file.write_bytes(edge_bundle(version=13))
        wait_until(lambda: version() == 13, "version 13 is served")


@pytest.mark.parametrize("client", [python_client, server_client])
def test_a_client_that_asks_too_often_is_told_to_wait_and_waits(client: Opened, tmp_path: Path) -> None:
    with serving(tmp_path, "0.02") as own, client(own.url) as evaluate:
        answers = [evaluate("string", "page.footer/title", "-", context(None)) for _ in range(4)]

    assert [each["value"] for each in answers] == ["Our shops", "Our shops", "-", "-"]
    assert [each["errorCode"] for each in answers[2:]] == ["GENERAL", "GENERAL"]
    assert "paused" in answers[3]["errorMessage"]  # it did not even ask


def test_the_browsers_client_is_told_that_nothing_changed_and_then_what_did(tmp_path: Path) -> None:
    with serving(tmp_path) as own:
        options = {"baseUrl": own.url, "headers": [], "cacheMode": "disabled", "pollInterval": 50}
        with script(HERE / "web_client.mjs", options) as started:

            def happened() -> Any:
                return started.ask({})

            wait_until(lambda: len(happened()["answers"]) > 2, "it polls")
            before = happened()
            own.file.write_bytes(edge_bundle(version=13))
            wait_until(lambda: bool(happened()["events"]), "the change is seen")
            after = happened()

    assert [each["status"] for each in before["answers"]][:3] == [200, 304, 304]
    assert len({each["etag"] for each in before["answers"]}) == 1
    assert before["events"] == []
    assert after["events"][0]["name"] == "ConfigurationChanged"
    assert "home.hero" in after["events"][0]["flagsChanged"]
    assert 200 in [each["status"] for each in after["answers"][1:]]


def test_the_browsers_client_keeps_offers_in_local_storage_by_default(server: Server) -> None:
    """Why docs/openfeature.md asks for `cacheMode: 'disabled'`."""
    known = context(interests=["running"], first_name="Ada", country="FR")

    def stored(mode: str) -> bool:
        options = {"baseUrl": server.url, "headers": [], "cacheMode": mode}
        with script(HERE / "web_client.mjs", options) as started:
            started.ask({"context": known})
            wait_until(lambda: len(started.ask({})["answers"]) == 2, "flags for this context came")
            return bool(started.ask({})["stored"])

    assert [stored("local-cache-first"), stored("disabled")] == [True, False]
