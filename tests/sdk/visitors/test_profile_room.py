"""A profile has so much room: what does not fit is told, and takes nothing else with it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from discreet.visitors import MemoryProfiles, Profile, Visitors
from discreet.visitors.profile import MAX_KEPT_BYTES, MAX_STORED_BYTES, pack_profile, unpack_profile
from discreet_consent import Observed
from support.browsers import evaluator, met, request, sealer, settings, visitors
from support.tc_strings import NOW_S

SITE = visitors()
HUGE = [f"{number:04}" + "x" * 60 for number in range(60)]  # more than any cookie holds


def kept(site: Visitors, attributes: dict[str, Any], before: dict[str, Any]) -> Profile:
    """What is kept of `attributes` with a visitor of whom `before` is stored."""
    visit = met(request(), site=site)
    first = site.kept(evaluator(), visit, before)
    assert first is not None
    visit.profile = first
    profile = site.kept(evaluator(), visit, attributes)
    assert profile is not None
    return profile


def values(profile: Profile) -> dict[str, object]:
    return {name: each.value for name, each in profile.values.items()}


def test_what_is_too_large_for_a_cookie_is_not_among_what_is_kept() -> None:
    assert values(kept(SITE, {"interests": HUGE, "purchases": 3}, {})) == {"purchases": 3}


def test_of_what_is_not_kept_the_value_of_before_stays() -> None:
    profile = kept(SITE, {"interests": HUGE, "purchases": 4}, {"interests": ["running"], "purchases": 3})

    assert values(profile) == {"interests": {"running"}, "purchases": 4}


def test_a_profile_source_has_room_for_it() -> None:
    site = Visitors(settings(), sealer=sealer(), profiles=MemoryProfiles())

    assert values(kept(site, {"interests": HUGE}, {})) == {"interests": set(HUGE)}


def test_one_large_value_leaves_the_older_ones_that_still_fit() -> None:
    profile = Profile.new().with_values({"small": 1, "smaller": 2}, 1)
    profile = profile.with_values({"large": "x" * 900, "larger": ["y" * 900, "z" * 900]}, 2)
    profile = profile.with_values({"newest": "x" * 900}, 3)

    assert set(profile.that_fits(2_000).values) == {"newest", "large", "small", "smaller"}


@given(
    sizes=st.dictionaries(
        st.text(max_size=5), st.tuples(st.integers(0, 1_000), st.integers(0, 9)), max_size=9
    ),
    told=st.dictionaries(
        st.sampled_from(["interests", "purchases", "basket"]), st.integers(0, 60), max_size=3
    ),
)
def test_what_is_said_to_be_kept_comes_back_with_the_cookie(
    sizes: dict[str, tuple[int, int]], told: dict[str, int]
) -> None:
    profile = Profile.new().with_values(
        {name: Observed("x" * size, at_s=at_s) for name, (size, at_s) in sizes.items()}, NOW_S
    )
    fitting = profile.that_fits(MAX_KEPT_BYTES)
    back = unpack_profile(pack_profile(fitting))
    said = kept(SITE, {name: HUGE[:count] for name, count in told.items()}, {"purchases": 3})

    assert back is not None
    assert values(back) == values(fitting) == values(unpack_profile(pack_profile(profile)) or Profile("x"))
    assert set(said.values) == set((unpack_profile(pack_profile(said)) or Profile("x")).values)
    assert set(profile.that_fits(MAX_STORED_BYTES).values) == set(sizes)
