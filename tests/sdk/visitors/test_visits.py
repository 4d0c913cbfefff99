"""A visit: precedence of what is known, and the promises: what is not permitted changes nothing and shows nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.visitors import Given, Incoming, Visitors
from discreet_consent import Observed, Permitted
from support.browsers import (
    ALL,
    ATTRIBUTES,
    CHROME,
    CONSENTS,
    FACTS,
    LIMITED,
    NO_STORAGE,
    NONE,
    ONLY_STORAGE,
    PROFILED,
    STORAGE,
    cookie_of,
    evaluator,
    known,
    met,
    request,
    sealer,
    settings,
    visitors,
)
from support.tc_strings import NOW_S

CANARY = "canary-90210"
SITE = visitors()


def shown(permitted: Permitted) -> tuple[object, ...]:
    """All that a decision can depend on, and all that it reports of the visitor."""
    return (
        permitted.values,
        permitted.grants,
        permitted.withheld,
        permitted.undeclared,
        permitted.malformed,
        permitted.stale,
    )


class TestPrecedence:
    def test_facts_fill_contextual_attributes(self) -> None:
        incoming = request(
            query="utm_campaign=spring",
            headers=[
                ("Accept-Language", "it"),
                ("Referer", "https://news.example/x"),
                ("cf-timezone", "Asia/Tokyo"),
            ],
        )

        assert known(met(incoming)) == {
            "country": "IT", "device": "desktop", "language": "it", "referrer": "news.example",
            "campaign": "spring", "hour": 9,
        }  # fmt: skip

    def test_a_fact_is_believed_before_what_is_given(self) -> None:
        assert known(met(request(), Given({"country": "FR", "language": "fr"})))["country"] == "IT"
        assert known(met(request(), Given({"country": "FR", "language": "fr"})))["language"] == "fr"

    def test_the_cookie_is_believed_before_what_is_given_and_the_sites_word_before_the_cookie(self) -> None:
        incoming, said = request(cookies=[cookie_of(SITE, {"purchases": 3})]), Given({"purchases": 9})

        assert known(met(incoming, said))["purchases"] == 3
        assert known(met(incoming, said, known={"purchases": 5}))["purchases"] == 5
        assert known(met(request(), said))["purchases"] == 9

    def test_none_is_absent_everywhere(self) -> None:
        incoming = request(cookies=[cookie_of(SITE, {"purchases": 3})])

        assert known(met(incoming, Given({"purchases": None}), known={"purchases": None}))["purchases"] == 3

    def test_facts_and_profiles_keep_to_their_provenance(self) -> None:
        site = Visitors(
            settings(attributes={"basket": "local.hour", "postcode": "language"}), sealer=sealer()
        )
        cookie = cookie_of(site, {"country": "FR", "bought": "x", "area": "20"})
        incoming = request(cookies=[cookie], headers=[("Accept-Language", "it")])

        assert known(met(incoming, site=site, known={"country": "DE"})) == {}

    def test_a_caller_may_state_only_accepted_provenances(self) -> None:
        everything = {"country": "FR", "purchases": 1, "interests": ["x"], "bought": "x", "stranger": 1}
        found = {
            provenance: known(
                Visitors(settings(attributes={}, accept=frozenset({provenance}))).visit(
                    evaluator(), request(), Given(everything)
                )
            ).keys()
            for provenance in ("contextual", "first_party", "declared")
        }

        assert found == {"contextual": {"country"}, "first_party": {"purchases"}, "declared": {"interests"}}

    def test_an_observation_in_json_has_its_date(self) -> None:
        given = Given(
            json.loads('{"purchases": {"value": 3, "observed": "2026-01-01T00:00Z"}, "basket": {"value": 1}}')
        )
        visit = met(request(), given)

        assert visit.permitted.stale == {"purchases"}
        assert visit.permitted.malformed == {"basket"}
        assert known(met(request(), Given({"purchases": Observed(2, at_s=NOW_S)})))["purchases"] == 2

    @pytest.mark.parametrize("observed", ["yesterday", "2026-06-01T08:30", 1_780_000_000, None])
    def test_an_observation_without_a_date_is_malformed(self, observed: object) -> None:
        visit = met(request(), Given({"purchases": {"value": 3, "observed": observed}}))

        assert visit.permitted.malformed == {"purchases"}

    def test_what_stands_for_an_attribute_comes_from_its_parent(self) -> None:
        site = visitors(accept_stated=True)
        given = Given({"postcode": "20121", "area": "99"}, {"purposes": [PROFILED]})

        assert known(met(request(), given, site=site)) == {"area": "20"}


# One visitor's hidden things, in every place from which something is read.
VALUES = st.sampled_from(
    [1, 2.5, True, "a", "it", ["x"], {"value": 1, "observed": "2026-06-01"}, {"a": 1}, None, "\ud800"]
)
BODIES = st.dictionaries(st.sampled_from([*ATTRIBUTES, "stranger"]), VALUES, max_size=6)
PROFILES = st.dictionaries(
    st.sampled_from(list(ATTRIBUTES)), st.sampled_from([1, 2, True, "a", ["x"]]), max_size=4
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept-Language": st.sampled_from(["it", "de;q=0.3", "\xff"]),
        "Referer": st.sampled_from(["https://a.example/", "x"]),
        "Sec-CH-UA-Mobile": st.sampled_from(["?0", "?1"]),
        "cf-timezone": st.sampled_from(["Asia/Tokyo", "x"]),
        "X-Other": st.just("1"),
    },
)
QUERIES = st.sampled_from(["", "utm_campaign=a", "utm_campaign=b&x=1", "y=%"])
GRANTS = st.sets(st.sampled_from([LIMITED, PROFILED, STORAGE, "analytics.reporting"]))
Hidden = tuple[dict[str, Any], dict[str, Any], dict[str, str], str]
HIDDEN = st.tuples(BODIES, PROFILES, HEADERS, QUERIES)


def visited(
    hidden: Hidden,
    same: Mapping[str, Any],
    grants: set[str] | None,
    tc: str | None,
    permitted: frozenset[str],
) -> tuple[object, ...]:
    """What is shown of a visitor with `hidden` things; what is in `same` they share with the other one."""
    body, profile, headers, query = hidden
    site = visitors(accept_stated=grants is not None)
    consent = None if grants is None else {"purposes": sorted(grants)}
    mine = {name: value for name, value in body.items() if name not in permitted}
    stored = {name: value for name, value in profile.items() if name not in permitted}
    may_store = STORAGE in permitted
    cookie = cookie_of(site, stored if may_store else profile)
    facts = not permitted & FACTS.keys()
    incoming = request(
        tc, cookies=[cookie], headers=list(headers.items()) if facts else [], query=query if facts else ""
    )
    visit = met(incoming, Given({**same, **mine}, consent), site=site)
    return shown(visit.permitted)


def readable(grants: set[str] | None, tc: str | None) -> frozenset[str]:
    """The names that this consent lets us read, and the storage purpose where it is granted."""
    site = visitors(accept_stated=grants is not None)
    visit = met(
        request(tc), Given(consent=None if grants is None else {"purposes": sorted(grants)}), site=site
    )
    names = {each for each in ATTRIBUTES if each not in visit.permitted.withheld_declared}
    parents = {"postcode"} if "area" in names else set()
    return frozenset(names | parents | ({STORAGE} if visit.storage_granted else set()))


@given(
    one=HIDDEN,
    other=HIDDEN,
    same=BODIES,
    grants=st.none() | GRANTS,
    tc=st.sampled_from([*CONSENTS, None, "x"]),
)
def test_what_the_consent_does_not_permit_changes_nothing_wherever_it_stands(
    one: Hidden, other: Hidden, same: dict[str, Any], grants: set[str] | None, tc: str | None
) -> None:
    permitted = readable(grants, tc)
    shared = {name: value for name, value in same.items() if name in permitted}

    assert visited(one, shared, grants, tc, permitted) == visited(other, shared, grants, tc, permitted)


@given(hidden=HIDDEN, tc=st.sampled_from([NO_STORAGE, NONE, None, "x", ALL[:-2]]))
def test_without_storage_consent_no_cookie_is_set_whatever_came(hidden: Hidden, tc: str | None) -> None:
    body, profile, headers, query = hidden
    cookie = cookie_of(SITE, profile)
    incoming = request(tc, cookies=[cookie], headers=list(headers.items()), query=query)
    visit = met(incoming, Given(body))
    removes = SITE.expire_cookie(incoming, visit)

    assert SITE.kept(evaluator(), visit, body) is None
    assert removes is not None
    assert b"Max-Age=0;" in removes
    assert removes.startswith(b"__Host-discreet=;")


ODD = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=20)
    | st.lists(st.integers(), max_size=3) | st.dictionaries(st.text(max_size=5), st.integers(), max_size=2)
)  # fmt: skip
NAMES = st.sampled_from(
    [
        b"cookie",
        b"sec-gpc",
        b"referer",
        b"accept-language",
        b"user-agent",
        b"cf-ipcountry",
        b"cf-timezone",
        b"x",
    ]
)


@given(
    headers=st.lists(
        st.tuples(
            NAMES,
            st.binary(max_size=60) | st.sampled_from([b"__Host-discreet=a", b"euconsent-v2=" + ALL.encode()]),
        ),
        max_size=8,
    ),
    query=st.binary(max_size=40),
    attributes=st.dictionaries(
        st.sampled_from([*ATTRIBUTES, "stranger"]) | st.text(max_size=5), ODD, max_size=6
    ),
    consent=st.none()
    | ODD
    | st.dictionaries(
        st.sampled_from(
            [
                "tcf",
                "gpp",
                "us_privacy",
                "gpc",
                "consent_mode",
                "region",
                "age_years",
                "purposes",
                "sensitive",
            ]
        ),
        ODD,
        max_size=5,
    ),
    trusted=st.booleans(),
)
def test_a_hostile_visitor_raises_nothing(
    headers: list[tuple[bytes, bytes]], query: bytes, attributes: dict[str, Any], consent: Any, trusted: bool
) -> None:
    site = visitors(accept_region=trusted, accept_stated=trusted)
    visit = met(Incoming(headers, query, now_s=NOW_S), Given(attributes, consent), site=site)

    assert known(visit).keys() <= ATTRIBUTES.keys()
    assert site.kept(evaluator(), visit, attributes) is None or visit.storage_granted


@pytest.mark.parametrize("tc", CONSENTS)
def test_no_value_is_in_any_text(tc: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    values = {
        "interests": [CANARY],
        "country": CANARY,
        "postcode": CANARY,
        "purchases": CANARY,
        CANARY[:3]: CANARY,
    }
    cookie = cookie_of(SITE, values)
    incoming = request(
        tc,
        cookies=[cookie, f"other={CANARY}"],
        query=f"utm_campaign={CANARY}",
        headers=[("Referer", f"https://{CANARY}")],
    )
    given = Given(values, {"us_privacy": CANARY})
    visit = met(incoming, given)
    texts = [
        repr(each) for each in (incoming, given, visit, visit.profile, visit.permitted, SITE, visit.consent)
    ]

    assert CANARY not in "".join([*texts, str(visit), caplog.text, *visit.consent.reasons])
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError) as caught:
            take(visit)
        assert CANARY not in str(caught.value)


def test_names_of_attributes_that_are_withheld_are_not_looked_up() -> None:
    class Watched(dict[str, Any]):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.read: list[str] = []

        def __getitem__(self, name: str) -> Any:
            self.read.append(name)
            return super().__getitem__(name)

    body = Watched({"purchases": 1, "interests": ["x"], "basket": 2, "stranger": 3})
    met(request(ONLY_STORAGE), Given(body))

    assert set(body.read) == {"basket"}


def test_bundles_that_take_turns_are_each_served_by_their_own_catalogue() -> None:
    from support.compiled import document, offer
    from support.products import evaluator_of

    others = [
        evaluator_of(
            [document(offer(), attributes={"country": ATTRIBUTES["country"], f"x{n}": ATTRIBUTES["basket"]})]
        )
        for n in range(6)
    ]
    for each in [*others, evaluator(), *others]:
        visit = SITE.visit(each, request(), Given({f"x{n}": n for n in range(6)}))
        assert visit.permitted.catalogue is each.catalogue
        assert known(visit)["country"] == "IT"


def test_the_same_visitors_are_met_by_all_servers_alike() -> None:
    headers = [("User-Agent", CHROME), ("CF-IPCountry", "IT"), ("Cookie", f"euconsent-v2={ALL}")]
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers}
    scope = {"headers": [(name.lower().encode(), value.encode()) for name, value in headers]}
    came = [
        Incoming.from_headers(headers, now_s=NOW_S),
        Incoming.from_environ(environ, now_s=NOW_S),
        Incoming.from_scope(scope, now_s=NOW_S),
    ]
    one, *others = [shown(met(each).permitted) for each in came]

    assert others == [one, one]
