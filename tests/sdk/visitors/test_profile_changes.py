"""What a profile source holds is neither destroyed unread nor forgotten by halves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from discreet.visitors import MemoryProfiles, NotForgotten, Profile, ProfilesError, Visit, Visitors
from discreet_consent import Observed
from support.browsers import ALL, evaluator, request, sealer, settings
from support.tc_strings import NOW_S

VALUES = {"purchases": Observed(3, at_s=NOW_S - 5), "interests": Observed(["running"], at_s=NOW_S)}


def site_with(source: MemoryProfiles) -> Visitors:
    return Visitors(settings(), sealer=sealer(), profiles=source)


def cookie(site: Visitors, profile: Profile, visit: Visit) -> str:
    header = site.set_cookie(profile, visit)
    assert header is not None
    return header.decode().partition(";")[0]


class Unread(MemoryProfiles):
    """A source that keeps, and does not answer what."""

    def read_now(self, profile_id: str) -> Mapping[str, Any]:
        raise ProfilesError(f"not now, {len(profile_id)} characters")

    async def read(self, profile_id: str) -> Mapping[str, Any]:
        return self.read_now(profile_id)


def test_what_could_not_be_read_is_not_overwritten() -> None:
    profiles = Unread()
    site = site_with(profiles)
    profile = Profile.new()
    profiles.write_now(profile.id, VALUES, ttl_s=100)
    incoming = request(cookies=[cookie(site, profile, site.visit(evaluator(), request()))])
    visits = [
        site.visit(evaluator(), incoming),  # which asks no source
        site.arrive_now(evaluator(), incoming),
        asyncio.run(site.arrive(evaluator(), incoming)),
    ]

    for visit in visits:
        changed = site.kept(evaluator(), visit, {"purchases": 4})
        assert changed is not None
        with pytest.raises(ProfilesError, match="not read"):
            site.store_now(changed, visit)
        with pytest.raises(ProfilesError, match="not read"):
            asyncio.run(site.store(changed, visit))
    assert set(MemoryProfiles.read_now(profiles, profile.id)) == set(VALUES)


@pytest.mark.parametrize("others", [0, 30])
def test_of_several_cookies_each_that_opens_is_forgotten(others: int) -> None:
    profiles = MemoryProfiles()
    site = site_with(profiles)
    mine = [Profile.new() for _ in range(8)]
    for each in mine:
        profiles.write_now(each.id, VALUES, ttl_s=100)
    visit = site.visit(evaluator(), request(ALL))
    cookies = [f"__Host-discreet={number}" for number in range(others)]
    cookies += [cookie(site, each, visit) for each in mine]

    assert site.forget_now(request(None, cookies=cookies[: others + 5])) is not None
    assert [bool(profiles.read_now(each.id)) for each in mine] == [False] * 5 + [True] * 3
    assert asyncio.run(site.forget(request(None, cookies=cookies))) is not None
    assert not any(profiles.read_now(each.id) for each in mine)


def test_where_one_is_not_forgotten_the_others_are() -> None:
    class Stubborn(MemoryProfiles):
        def forget_now(self, profile_id: str) -> None:
            if profile_id == mine[0].id:
                raise ValueError("canary")
            super().forget_now(profile_id)

    profiles = Stubborn()
    site = site_with(profiles)
    mine = [Profile.new() for _ in range(2)]
    visit = site.visit(evaluator(), request(ALL))
    cookies = [cookie(site, each, visit) for each in mine]

    for forget in (site.forget_now, lambda each: asyncio.run(site.forget(each))):
        for each in mine:
            profiles.write_now(each.id, VALUES, ttl_s=100)
        with pytest.raises(NotForgotten, match="ValueError"):
            forget(request(None, cookies=cookies))
        assert [bool(profiles.read_now(each.id)) for each in mine] == [True, False]
