"""The profile cookie: sealed, bounded, opened with storage consent only; and hostile ones are nothing."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discreet.visitors import Given, Profile, Visitors
from discreet.visitors.profile import (
    MAX_COOKIE_LENGTH,
    MAX_STORED_BYTES,
    pack_profile,
    pack_values,
    unpack_profile,
    unpack_values,
)
from discreet_consent import Observed
from support.browsers import (
    ALL,
    NO_STORAGE,
    NONE,
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

DAY_S = 86_400
SITE = visitors()
VALUES: dict[str, Any] = {"purchases": 3, "interests": ["running"], "basket": 1}
STORABLE = (
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40) | st.lists(st.text(max_size=10), max_size=4)
)  # fmt: skip


def plain(profile: Profile | None) -> dict[str, tuple[object, float]]:
    assert profile is not None
    return {name: (each.value, each.at_s) for name, each in profile.values.items()}


class TestRoundTrip:
    @given(values=st.dictionaries(st.text(max_size=10), STORABLE, max_size=6), at_ms=st.integers(0, 2**42))
    def test_a_profile_comes_back_as_it_was_kept(self, values: dict[str, Any], at_ms: int) -> None:
        profile = Profile.new().with_values(values, at_ms / 1000)
        back = unpack_profile(pack_profile(profile))

        assert back is not None
        assert back.id == profile.id
        assert sorted(back.values) == sorted(profile.values)
        for name, (value, at_s) in plain(back).items():
            kept = values[name]
            assert value == (sorted(kept) if isinstance(kept, list) else kept)
            assert type(value) is type(kept)
            assert at_s == pytest.approx(at_ms / 1000)

    def test_what_no_attribute_holds_is_left_out(self) -> None:
        odd = {
            "a": {},
            "b": object(),
            "c": float("nan"),
            "d": b"x",
            "e": [1],
            "f": "\ud800",
            "g": 2**60,
            "h": "x" * 2_000,
        }

        assert Profile.new().with_values(odd, NOW_S).values == {}

    def test_none_removes_and_the_others_stay(self) -> None:
        profile = (
            Profile.new()
            .with_values({"a": 1, "b": 2}, 10)
            .with_values({"a": None, "c": Observed(3, at_s=5)}, 20)
        )

        assert plain(profile) == {"b": (2, 10), "c": (3, 5)}

    def test_ids_are_random_and_of_128_bits(self) -> None:
        ids = {Profile.new().id for _ in range(100)}

        assert len(ids) == 100
        assert all(len(bytes.fromhex(each)) == 16 for each in ids)

    @pytest.mark.parametrize("at_s", [float("nan"), float("inf"), 1e300, -1e300, "x", None])
    def test_a_date_that_no_clock_shows_counts_as_the_oldest(self, at_s: Any) -> None:
        back = unpack_values(pack_values({"a": Observed(1, at_s=at_s)}, 100))

        assert back is not None
        assert back["a"].at_s == 0


class TestBounds:
    @given(sizes=st.lists(st.integers(0, 1_000), max_size=12))
    def test_a_cookie_is_never_longer_than_browsers_keep(self, sizes: list[int]) -> None:
        profile = Profile.new()
        for number, size in enumerate(sizes):
            profile = profile.with_values({f"a{number}": "x" * size}, NOW_S + number)
        header = SITE.set_cookie(profile, met(request()))

        assert header is not None
        assert len(header.partition(b";")[0]) <= MAX_COOKIE_LENGTH + len(b"__Host-discreet=")
        assert len(header) < 4_096

    def test_the_oldest_observations_fall_out(self) -> None:
        profile = Profile.new()
        for number in range(10):
            profile = profile.with_values({f"a{number}": "x" * 500}, NOW_S + number)
        back = unpack_profile(pack_profile(profile))

        assert back is not None
        assert sorted(back.values) == ["a5", "a6", "a7", "a8", "a9"]

    def test_a_value_that_fits_in_no_cookie_takes_none_of_the_others_with_it(self) -> None:
        huge = {"huge": ["x" * 1_000 + str(number) for number in range(5)]}
        back = unpack_profile(pack_profile(Profile.new().with_values({"a": 1}, 1).with_values(huge, 2)))

        assert back is not None
        assert sorted(back.values) == ["a"]

    def test_equal_profiles_are_cut_alike(self) -> None:
        values = {f"a{number}": "x" * 500 for number in range(10)}
        backwards = dict(reversed(values.items()))
        one, other = (
            pack_values({n: Observed(v, at_s=1) for n, v in each.items()}, 2_000)
            for each in (values, backwards)
        )

        assert one == other
        assert len(one) <= 2_005


class TestHostile:
    @given(data=st.binary(max_size=80))
    def test_bytes_that_are_no_profile_are_none(self, data: bytes) -> None:
        unpack_profile(data)
        unpack_values(data)

    @pytest.mark.parametrize(
        "document",
        [
            [2, bytes(16), b""], [1, bytes(15), b""], [1, "x" * 16, b""], [1, bytes(16)], [True, bytes(16), b"\xc1"],
            {}, 1, None, [1, bytes(16), b"\x93"], [1, bytes(16), msgpack.packb(["a", {}, 1])],
            [1, bytes(16), msgpack.packb(["a", 1, "x"])], [1, bytes(16), msgpack.packb([1, 1, 1])],
            [1, bytes(16), msgpack.packb(["a", 2**60, 1])], [1, bytes(16), b"\x91" * 2_000],
        ],
    )  # fmt: skip
    def test_a_sealed_thing_that_is_no_profile_is_none(self, document: object) -> None:
        packed: bytes = msgpack.packb(document)
        cookie = "__Host-discreet=" + sealer().seal(packed, now_s=NOW_S)

        assert unpack_profile(packed) is None
        assert met(request(cookies=[cookie])).profile is None

    @given(text=st.text(st.characters(blacklist_characters=";"), max_size=60))
    def test_a_cookie_that_is_not_ours_is_nothing(self, text: str) -> None:
        assert met(request(cookies=[f"__Host-discreet={text}"])).profile is None

    def test_a_cookie_of_another_use_or_site_is_nothing(self) -> None:
        foreign = Visitors(settings(), sealer=sealer(bytes([9]) * 32))

        assert met(request(cookies=[cookie_of(foreign, VALUES)])).profile is None

    def test_a_cookie_that_is_too_long_is_not_even_opened(self) -> None:
        sealed = sealer().seal(pack_profile(Profile.new()) + bytes(4_000), now_s=NOW_S)

        assert met(request(cookies=[f"__Host-discreet={sealed}"])).profile is None


class TestSeveral:
    def test_one_that_opens_counts_among_others_that_do_not(self) -> None:
        mine = cookie_of(SITE, VALUES)

        assert known(met(request(cookies=["__Host-discreet=x", mine, "__Host-discreet="])))["purchases"] == 3

    def test_of_two_that_open_none_counts(self) -> None:
        cookies = [cookie_of(SITE, VALUES), cookie_of(SITE, {"purchases": 9})]

        assert met(request(cookies=cookies)).profile is None
        assert met(request(cookies=[cookies[0], cookies[0]])).profile is not None  # the same one, twice

    def test_so_many_are_not_tried(self) -> None:
        assert (
            met(
                request(cookies=[cookie_of(SITE, VALUES), *[f"__Host-discreet={n}" for n in range(9)]])
            ).profile
            is None
        )

    def test_a_cookie_whose_name_only_ends_like_it_is_another(self) -> None:
        assert met(request(cookies=["x" + cookie_of(SITE, VALUES)])).profile is None

    def test_it_is_found_in_any_of_several_cookie_headers(self) -> None:
        incoming = request(ALL, headers=[("Cookie", f"a=b;{cookie_of(SITE, VALUES)}")])

        assert known(met(incoming))["purchases"] == 3


class TestTime:
    def test_it_ends_with_its_age(self) -> None:
        site = visitors(cookie_max_age_s=60)
        cookie = cookie_of(site, VALUES)
        young, old = (met(request(cookies=[cookie], now_s=NOW_S + age_s), site=site) for age_s in (60, 61))

        assert young.profile is not None
        assert old.profile is None

    def test_values_become_stale_by_their_observation_not_by_the_cookie(self) -> None:
        old = {"purchases": Observed(3, at_s=NOW_S - 29 * DAY_S), "interests": Observed(["x"], at_s=0)}
        cookie = cookie_of(SITE, old)
        today, later = (met(request(cookies=[cookie], now_s=NOW_S + days * DAY_S)) for days in (0, 2))

        assert {"purchases", "interests"} <= known(today).keys()
        assert later.permitted.stale == {"purchases"}
        assert known(later)["interests"] == {"x"}

    def test_secrets_rotate(self) -> None:
        new = Visitors(settings(), sealer=sealer(bytes([9]) * 32, bytes(range(32))))

        assert known(met(request(cookies=[cookie_of(SITE, VALUES)]), site=new))["purchases"] == 3


class TestStorageConsent:
    @pytest.mark.parametrize("tc", [NO_STORAGE, NONE, None, "corrupt"])
    def test_without_it_nothing_is_read_and_nothing_is_set(self, tc: str | None) -> None:
        visit = met(request(tc, cookies=[cookie_of(SITE, VALUES)]))

        assert not visit.storage_granted
        assert visit.profile is None
        assert known(visit).keys() & VALUES.keys() == set()
        assert SITE.set_cookie(Profile.new(), visit) is None
        assert SITE.kept(evaluator(), visit, {"purchases": 1}) is None

    def test_without_it_the_cookie_is_not_even_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[object] = []
        site = visitors()
        cookie = cookie_of(site, VALUES)
        monkeypatch.setattr(type(sealer()), "open", lambda *given, **_: opened.append(given))

        met(request(NO_STORAGE, cookies=[cookie]), site=site)
        assert opened == []
        met(request(ALL, cookies=[cookie]), site=site)
        assert len(opened) == 1

    def test_with_it_the_cookie_is_kept_from_scripts_and_other_sites(self) -> None:
        header = SITE.set_cookie(Profile.new(), met(request()))

        assert header is not None
        assert header.partition(b"; ")[2] == b"Max-Age=15552000; Path=/; Secure; HttpOnly; SameSite=Lax"

    def test_a_cookie_without_tls_is_a_setting(self) -> None:
        site = visitors(cookie_secure=False, cookie_name="mine", cookie_max_age_s=60)
        header = site.set_cookie(Profile.new(), met(request(), site=site))

        assert header is not None
        assert header.startswith(b"mine=")
        assert header.endswith(b"; Max-Age=60; Path=/; HttpOnly; SameSite=Lax")

    def test_a_known_child_is_stored_nowhere(self) -> None:
        visit = met(request(cookies=[cookie_of(SITE, VALUES)]), Given(consent={"age_years": 9}))

        assert (visit.storage_granted, visit.profile) == (False, None)

    def test_a_child_that_a_trusted_caller_speaks_of_is_stored_nowhere(self) -> None:
        site = visitors(accept_stated=True)
        given = Given(consent={"purposes": ["functional.storage", "personalize"], "age_years": 9})

        assert not met(request(), given, site=site).storage_granted

    def test_after_withdrawal_the_cookie_is_removed_if_it_came(self) -> None:
        cookie = cookie_of(SITE, VALUES)
        gone, clean, granted = request(NONE, cookies=[cookie]), request(NONE), request(ALL, cookies=[cookie])
        expected = b"__Host-discreet=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"

        assert SITE.expire_cookie(gone, met(gone)) == expected
        assert SITE.expire_cookie(clean, met(clean)) is None
        assert SITE.expire_cookie(granted, met(granted)) is None

    def test_without_a_sealer_there_is_no_cookie(self) -> None:
        site = Visitors(settings())
        incoming = request(cookies=[cookie_of(SITE, VALUES)])
        visit = met(incoming, site=site)

        assert (
            visit.profile,
            site.set_cookie(Profile.new(), visit),
            site.expire_cookie(incoming, visit),
        ) == (None,) * 3


class TestKept:
    def test_only_first_party_and_declared_ones_that_are_permitted_and_well_formed_are_kept(self) -> None:
        offered = {
            "purchases": {"value": 3, "observed": "2026-06-01"}, "interests": ["running"], "country": "IT",
            "bought": "x", "postcode": "20121", "area": "20", "basket": "many", "stranger": 1,
        }  # fmt: skip
        profile = SITE.kept(evaluator(), met(request()), offered)

        assert {"purchases", "interests"} <= set(plain(profile))
        assert set(plain(profile)) & {"country", "bought", "area", "basket", "stranger"} == set()
        assert plain(profile)["purchases"] == (3, 1_780_272_000)
        assert plain(profile)["interests"][1] == NOW_S

    def test_a_substitute_lets_nobody_keep_what_it_stands_for(self) -> None:
        site = visitors(accept_stated=True)
        given = Given(
            {"postcode": "20121"}, {"purposes": ["functional.storage", "personalize.content.profiled"]}
        )
        visit = met(request(None), given, site=site)

        assert known(visit)["area"] == "20"
        assert plain(site.kept(evaluator(), visit, given.attributes)) == {}

    def test_what_was_kept_stays_and_what_may_not_be_kept_any_more_goes(self) -> None:
        site = visitors(accept_stated=True)
        cookie = cookie_of(site, {**VALUES, "postcode": "20121", "of_an_older_bundle": 1})
        given = Given(consent={"purposes": ["functional.storage", "personalize.content.profiled"]})
        visit = met(request(cookies=[cookie]), given, site=site)
        profile = site.kept(evaluator(), visit, {"interests": None, "purchases": 4})

        assert visit.profile is not None
        assert profile is not None
        assert profile.id == visit.profile.id
        assert {name: value for name, (value, _) in plain(profile).items()} == {"purchases": 4, "basket": 1}

    def test_provenances_that_are_not_accepted_are_not_kept(self) -> None:
        site = visitors(accept=frozenset({"declared"}))
        profile = site.kept(evaluator(), met(request(), site=site), {"purchases": 3, "interests": ["x"]})

        assert list(plain(profile)) == ["interests"]


def test_nothing_shows_a_profile() -> None:
    profile = Profile.new().with_values({"interests": ["canary"]}, NOW_S)

    assert repr(profile) == "Profile(['interests'])"
    assert profile.id not in repr(profile)
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(profile)


def test_a_source_keeps_more_than_a_cookie() -> None:
    values = {f"a{number}": "x" * 1_000 for number in range(40)}

    assert len(unpack_values(pack_values(values, MAX_STORED_BYTES)) or {}) == 40
