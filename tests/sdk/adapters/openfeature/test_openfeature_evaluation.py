"""The provider in process, asked by the OpenFeature SDK's own client."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext  # pyright: ignore[reportMissingTypeStubs] - namespace
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagEvaluationDetails, Reason
from openfeature.hook import Hook, HookContext  # pyright: ignore[reportMissingTypeStubs] - namespace

from discreet.adapters.openfeature import BundleFlags
from discreet.visitors import Visitors, VisitorSettings
from discreet_consent import Consent
from support.edge import ALL_TCF, NO_TCF, NOW_S, PROFILED, STORAGE, edge_bundles

EVERYTHING = {"purposes": ["personalize.content", STORAGE]}
KNOWN: dict[str, Any] = {"country": "IT", "interests": ["running"], "first_name": "Ada"}


@pytest.fixture(autouse=True)
def _no_provider_stays() -> Iterator[None]:
    yield
    api.clear_providers()


def client_of(**options: Any) -> OpenFeatureClient:
    api.set_provider_and_wait(BundleFlags(edge_bundles(), clock_s=lambda: NOW_S, **options))
    return api.get_client()


def context(consent: object = EVERYTHING, **attributes: Any) -> EvaluationContext:
    return EvaluationContext(attributes={**attributes, "consent": consent})  # type: ignore[dict-item] # not a scalar


def test_an_object_is_the_content_with_variant_reason_and_metadata() -> None:
    details = client_of().get_object_details("home.hero", {}, context(**KNOWN))

    assert details.value == {"title": "New shoes, Ada", "rate": 10.0, "image": "shoes.avif", "dark": True}
    assert (details.variant, details.reason, details.error_code) == (
        "spring_shoes",
        Reason.TARGETING_MATCH,
        None,
    )
    assert {**details.flag_metadata, "digest": ""} == {
        "bundle": "edge-shop", "version": 12, "digest": "", "stage": "discover"
    }  # fmt: skip


def test_fields_come_with_their_types() -> None:
    client = client_of()

    assert client.get_string_value("home.hero/title", "-") == "Welcome"
    assert client.get_boolean_value("home.hero/dark", True) is False
    assert client.get_integer_value("basket.note/days", 0) == 2
    rate = client.get_float_value("home.hero/rate", 9.5)
    assert (rate, type(rate)) == (1.0, float)


def test_a_whole_number_is_given_as_a_float_and_no_float_as_a_whole_number() -> None:
    client = client_of()

    days = client.get_float_value("basket.note/days", 9.5)
    rate = client.get_integer_details("home.hero/rate", 7)

    assert (days, type(days)) == (2.0, float)
    assert (rate.value, rate.error_code, rate.reason) == (7, ErrorCode.TYPE_MISMATCH, Reason.ERROR)


def test_another_type_is_a_mismatch_and_the_default() -> None:
    client = client_of()

    asked: list[FlagEvaluationDetails[Any]] = [
        client.get_string_details("home.hero", "-"),
        client.get_boolean_details("home.hero/title", True),
        client.get_integer_details("home.hero/dark", 3),
        client.get_float_details("home.hero/dark", 3.5),
        client.get_object_details("home.hero/title", {"its": "default"}),
    ]

    assert {each.error_code for each in asked} == {ErrorCode.TYPE_MISMATCH}
    assert [each.value for each in asked] == ["-", True, 3, 3.5, {"its": "default"}]
    assert "Welcome" not in str(asked)


@pytest.mark.parametrize("key", ["canary-4711", "home.hero/canary-4711", "canary-4711/title"])
def test_a_flag_that_is_not_there_is_not_found_and_not_echoed(key: str) -> None:
    details = client_of().get_string_details(key, "-", context(country="canary-0815"))

    assert (details.value, details.error_code) == ("-", ErrorCode.FLAG_NOT_FOUND)
    assert "canary" not in str(details.error_message)


def variant(client: OpenFeatureClient, asked: EvaluationContext | None) -> str | None:
    return client.get_object_details("home.hero", {}, asked).variant


@pytest.mark.parametrize(
    ("consent", "shown"),
    [
        (EVERYTHING, "spring_shoes"),
        ({"tcf": ALL_TCF, "region": "IT"}, "spring_shoes"),
        ({"tcf": NO_TCF, "region": "IT"}, "welcome"),
        ({"tcf": ALL_TCF[:40], "region": "IT"}, "welcome"),
        ({"region": "IT"}, "welcome"),
        ({}, "welcome"),
        ({"purposes": []}, "welcome"),
        ({"purposes": "personalize.content"}, "welcome"),
        ("everything", "welcome"),
        (None, "welcome"),
    ],
)
def test_the_context_states_the_consent(consent: object, shown: str) -> None:
    assert variant(client_of(), context(consent, **KNOWN)) == shown


def test_without_a_context_only_what_is_essential_is_known() -> None:
    assert variant(client_of(), None) == "welcome"
    assert client_of().get_object_details(
        "basket.note", {}, EvaluationContext(attributes={"basket_items": 3})
    ).variant == ("free_delivery")


def test_a_callable_says_what_was_consented_to() -> None:
    agreed = {"ada": Consent.granting("personalize.content")}

    def consent(of: EvaluationContext) -> Consent:
        return agreed.get(str(of.targeting_key), Consent.refusing())

    client = client_of(consent=consent)

    assert variant(client, EvaluationContext("ada", {**KNOWN, "consent": {"purposes": []}})) == "spring_shoes"
    assert (
        variant(client, EvaluationContext("bob", {**KNOWN, "consent": {"purposes": ["personalize"]}}))
        == "welcome"
    )


def test_visitors_that_are_passed_in_decide_what_a_context_may_state() -> None:
    client = client_of(visitors=Visitors(VisitorSettings(accept=frozenset({"contextual"}))))

    assert variant(client, context(EVERYTHING, **KNOWN)) == "welcome"
    assert variant(client, context({"tcf": ALL_TCF}, **KNOWN)) == "italian_summer"  # declared ones are not


def test_datetimes_tuples_and_observations_are_read() -> None:
    now = datetime.fromtimestamp(NOW_S, UTC)
    client = client_of()

    def tip(**attributes: object) -> str | None:
        return client.get_object_details("account.tip", {}, context(**attributes)).variant

    assert tip(last_visit=now - timedelta(days=40)) == "come_back"
    assert tip(last_visit=now - timedelta(days=4)) == "newsletter"
    assert variant(client, context(country="FR", interests=("running",))) == "spring_shoes"
    assert tip(purchases={"value": 3, "observed": (now - timedelta(days=30)).isoformat()}) == "thanks"
    assert tip(purchases={"value": 3, "observed": (now - timedelta(days=400)).isoformat()}) == "newsletter"


def test_an_async_client_gets_the_same() -> None:
    client = client_of()

    value = asyncio.run(client.get_string_value_async("home.hero/title", "-", context(**KNOWN)))

    assert value == "New shoes, Ada"


class Noting(Hook):
    """Notes the moments at which the SDK calls it, and says where the visitor is."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def before(self, hook_context: HookContext, hints: Mapping[str, Any]) -> EvaluationContext:
        self.noted.append(f"before {hook_context.flag_key} {dict(hints)}")
        return EvaluationContext(attributes={"country": "IT"})

    def after(
        self, hook_context: HookContext, details: FlagEvaluationDetails[Any], hints: Mapping[str, Any]
    ) -> None:
        self.noted.append(f"after {hook_context.flag_key} {details.variant} {dict(hints)}")

    def error(self, hook_context: HookContext, exception: Exception, hints: Mapping[str, Any]) -> None:
        self.noted.append(f"error {hook_context.flag_key} {type(exception).__name__} {dict(hints)}")


def test_hooks_are_called_and_what_they_add_to_the_context_counts() -> None:
    client, hook = client_of(), Noting()
    client.add_hooks([hook])

    client.get_object_details("home.hero", {}, context(interests=["running"]))
    client.get_string_details("nowhere", "-")

    assert hook.noted == [
        "before home.hero {}",
        "after home.hero spring_shoes {}",
        "before nowhere {}",
        "error nowhere FlagNotFoundError {}",
    ]


def test_the_values_of_a_context_are_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    client = client_of()
    canary = "canary-4711"

    answers = [
        str(client.get_string_details(key, "-", context({"tcf": canary}, first_name=canary, country=canary)))
        for key in ("home.hero/title", "home.hero", "nowhere", "home.hero/rate")
    ]

    assert canary not in "".join(answers) + caplog.text


def test_where_the_sdk_is_not_installed_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['openfeature.exception'] = None\n"
        "from discreet.errors import MissingExtra\n"
        "try:\n    import discreet.adapters.openfeature\n"
        "except MissingExtra as error:\n    print(error)"
    )

    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert 'pip install "discreet[openfeature]"' in said


def test_decisions_are_recorded_where_there_is_a_journal() -> None:
    from discreet.events import Journal

    journal = Journal([])
    client = client_of(journal=journal)

    client.get_object_value("home.hero", {})
    client.get_object_value("nowhere", {})

    assert journal.counts["offered"] == 1


def test_stating_the_purposes_also_grants_what_they_cover() -> None:
    assert (
        variant(client_of(), context({"purposes": [PROFILED]}, **KNOWN)) == "welcome"
    )  # country is another purpose
