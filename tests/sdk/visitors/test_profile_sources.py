"""Profile sources: in memory and in a real Redis; and that no page depends on one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NoReturn

import pytest

from discreet.visitors import (
    MemoryProfiles,
    NotForgotten,
    Profile,
    Profiles,
    ProfilesError,
    ProfilesNow,
    RedisProfiles,
    Visit,
    Visitors,
)
from discreet_consent import Observed
from support.browsers import ALL, NO_STORAGE, evaluator, known, request, sealer, settings
from support.system import free_port, needs, running
from support.tc_strings import NOW_S

VALUES = {"purchases": Observed(3, at_s=NOW_S - 5), "interests": Observed(["running"], at_s=NOW_S)}


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A Redis of this module's own."""
    needs("redis-server")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running(command, port=port):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def redis(redis_url: str) -> Iterator[RedisProfiles]:
    profiles = RedisProfiles(redis_url, timeout_s=5)
    yield profiles
    profiles.close()


@pytest.fixture(params=["memory", "redis"])
def profiles(request: pytest.FixtureRequest) -> MemoryProfiles | RedisProfiles:
    """Each source in turn."""
    found: MemoryProfiles | RedisProfiles
    found = MemoryProfiles() if request.param == "memory" else request.getfixturevalue("redis")
    return found


def site_with(source: Profiles | ProfilesNow | None, **more: Any) -> Visitors:
    return Visitors(settings(**more), sealer=sealer(), profiles=source)


def cookie(site: Visitors, profile: Profile, visit: Visit) -> str:
    header = site.set_cookie(profile, visit)
    assert header is not None
    return header.decode().partition(";")[0]


def plain(values: Mapping[str, Any]) -> dict[str, tuple[object, float]]:
    return {name: (each.value, each.at_s) for name, each in values.items()}


class TestEverySource:
    def test_what_is_written_is_read_and_forgotten(self, profiles: MemoryProfiles | RedisProfiles) -> None:
        assert profiles.read_now("one") == {}
        profiles.write_now("one", VALUES, ttl_s=60)
        assert plain(profiles.read_now("one")) == plain(VALUES)
        assert profiles.read_now("other") == {}
        profiles.write_now("one", {"basket": 1}, ttl_s=60)
        assert set(profiles.read_now("one")) == {"basket"}
        profiles.forget_now("one")
        assert profiles.read_now("one") == {}
        profiles.forget_now("one")

    def test_the_same_with_an_event_loop(self, profiles: MemoryProfiles | RedisProfiles) -> None:
        async def run() -> None:
            await profiles.write("two", VALUES, ttl_s=60)
            assert plain(await profiles.read("two")) == plain(VALUES)
            await profiles.forget("two")
            assert await profiles.read("two") == {}
            if isinstance(profiles, RedisProfiles):
                await profiles.aclose()

        asyncio.run(run())
        asyncio.run(run())  # in another event loop

    def test_it_is_a_source_of_both_kinds(self, profiles: MemoryProfiles | RedisProfiles) -> None:
        assert isinstance(profiles, Profiles)
        assert isinstance(profiles, ProfilesNow)

    def test_it_serves_a_visitor_through_the_whole_way(
        self, profiles: MemoryProfiles | RedisProfiles
    ) -> None:
        site = site_with(profiles, profiles_timeout_s=5)

        async def run() -> None:
            first = await site.arrive(evaluator(), request())
            profile = site.kept(
                evaluator(), first, {"interests": ["running"], "purchases": 3, "country": "FR"}
            )
            assert profile is not None
            header = await site.store(profile, first)
            assert header is not None
            incoming = request(cookies=[header.decode().partition(";")[0]])
            again = await site.arrive(evaluator(), incoming)
            assert known(again)["interests"] == {"running"}
            assert known(again)["purchases"] == 3
            assert "interests" not in known(
                site.visit(evaluator(), incoming)
            )  # the cookie holds the id alone
            assert again.profile is not None
            assert set(again.profile.values) == {"interests", "purchases"}
            changed = site.kept(evaluator(), again, {"purchases": None})
            assert changed is not None
            await site.store(changed, again)
            assert "purchases" not in known(await site.arrive(evaluator(), incoming))
            removes = await site.forget(incoming)
            assert removes is not None
            assert b"Max-Age=0;" in removes
            assert "interests" not in known(await site.arrive(evaluator(), incoming))
            if isinstance(profiles, RedisProfiles):
                await profiles.aclose()

        asyncio.run(run())
        assert site.failures == 0

    def test_it_serves_without_an_event_loop(self, profiles: MemoryProfiles | RedisProfiles) -> None:
        site = site_with(profiles)
        first = site.arrive_now(evaluator(), request())
        profile = site.kept(evaluator(), first, {"interests": ["running"]})
        assert profile is not None
        assert site.store_now(profile, first) is not None
        incoming = request(cookies=[cookie(site, profile, first)])

        assert known(site.arrive_now(evaluator(), incoming))["interests"] == {"running"}
        assert site.forget_now(incoming) is not None
        assert "interests" not in known(site.arrive_now(evaluator(), incoming))


class TestMemory:
    def test_what_is_over_is_gone(self) -> None:
        now_s = [0.0]
        profiles = MemoryProfiles(clock_s=lambda: now_s[0])
        profiles.write_now("short", VALUES, ttl_s=10)
        profiles.write_now("long", VALUES, ttl_s=100)
        now_s[0] = 11

        assert profiles.read_now("short") == {}
        assert profiles.read_now("long")

    def test_number_and_size_are_bounded(self) -> None:
        profiles = MemoryProfiles(10)
        for number in range(30):
            profiles.write_now(str(number), VALUES, ttl_s=100)
        small = MemoryProfiles(1_000, max_bytes=5_000)
        for number in range(30):
            small.write_now(str(number), {"a": "x" * 1_000}, ttl_s=100)

        assert [bool(profiles.read_now(str(number))) for number in range(30)] == [False] * 20 + [True] * 10
        assert sum(bool(small.read_now(str(number))) for number in range(30)) == 4

    def test_a_profile_that_is_larger_than_all_memory_is_refused(self) -> None:
        profiles = MemoryProfiles(1, max_bytes=100)
        with pytest.raises(ProfilesError, match="larger"):
            profiles.write_now("one", {"a": "x" * 1_000}, ttl_s=100)

        assert profiles.read_now("one") == {}

    def test_nothing_shows_what_it_holds(self) -> None:
        profiles = MemoryProfiles()
        profiles.write_now("canary-id", {"a": "canary"}, ttl_s=100)

        assert repr(profiles) == "MemoryProfiles(1 profiles)"


class TestRedis:
    def test_keys_tell_no_ids_and_end_by_themselves(self, redis_url: str, redis: RedisProfiles) -> None:
        from redis import Redis

        redis.write_now("an-id", VALUES, ttl_s=60)
        key = "discreet:profile:" + sha256(b"an-id").hexdigest()
        client: Any
        with Redis.from_url(redis_url) as client:
            assert client.exists(key)
            assert 0 < client.ttl(key) <= 60
            assert not any(b"an-id" in each for each in client.scan_iter())

    def test_what_is_no_profile_is_a_failure_and_nothing_is_known(
        self, redis_url: str, redis: RedisProfiles
    ) -> None:
        from redis import Redis

        site = site_with(redis)
        profile = Profile.new()
        visit = site.visit(evaluator(), request())
        incoming = request(cookies=[cookie(site, profile, visit)])
        with Redis.from_url(redis_url) as client:
            client.set("discreet:profile:" + sha256(profile.id.encode()).hexdigest(), b"\x93canary")

        with pytest.raises(ProfilesError) as caught:
            redis.read_now(profile.id)
        assert "canary" not in str(caught.value)
        assert known(site.arrive_now(evaluator(), incoming))["country"] == "IT"
        assert site.failures == 1

    def test_one_that_is_not_there_is_a_failure_that_names_neither_place_nor_password(self) -> None:
        profiles = RedisProfiles(f"redis://:canary@127.0.0.1:{free_port()}/0")
        calls: list[Callable[[], object]] = [
            lambda: profiles.read_now("x"),
            lambda: profiles.write_now("x", VALUES, ttl_s=1),
            lambda: profiles.forget_now("x"),
            lambda: asyncio.run(_and_close(profiles, profiles.read("x"))),
            lambda: asyncio.run(_and_close(profiles, profiles.write("x", VALUES, ttl_s=1))),
            lambda: asyncio.run(_and_close(profiles, profiles.forget("x"))),
        ]

        for call in calls:
            with pytest.raises(ProfilesError) as caught:
                call()
            assert str(caught.value) == "the profile source did not answer: ConnectionError"
            assert caught.value.__suppress_context__
        assert "canary" not in repr(profiles)
        profiles.close()

    def test_one_that_does_not_answer_is_not_waited_for(self) -> None:
        import socket

        with socket.create_server(("127.0.0.1", 0)) as silent:
            profiles = RedisProfiles(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", timeout_s=0.05)
            with pytest.raises(ProfilesError):
                profiles.read_now("x")
            with pytest.raises(ProfilesError):
                asyncio.run(_and_close(profiles, profiles.read("x")))
            profiles.close()


async def _and_close(profiles: RedisProfiles, work: Any) -> None:
    try:
        await work
    finally:
        await profiles.aclose()


class Broken:
    """A source that fails, each time in the way it is told; with None, it never answers."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error
        self.asked: list[object] = []

    async def read(self, profile_id: str) -> Mapping[str, Any]:
        return await self._fail(profile_id)

    async def write(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None:
        await self._fail(profile_id, values, ttl_s)

    async def forget(self, profile_id: str) -> None:
        await self._fail(profile_id)

    async def _fail(self, *asked: object) -> NoReturn:
        self.asked.append(asked)
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


class BrokenNow:
    """One that fails without an event loop."""

    def read_now(self, profile_id: str) -> Mapping[str, Any]:
        raise ValueError(f"canary {profile_id}")

    def write_now(self, profile_id: str, values: Mapping[str, Any], *, ttl_s: int) -> None:
        raise ValueError(f"canary {profile_id} {values} {ttl_s}")

    def forget_now(self, profile_id: str) -> None:
        raise ValueError(f"canary {profile_id}")


class TestFailures:
    @pytest.mark.parametrize(
        "error", [ValueError("canary"), ProfilesError("gone"), KeyError("canary"), None], ids=repr
    )
    def test_a_visitor_is_served_without_a_source_that_fails(self, error: BaseException | None) -> None:
        site = site_with(Broken(error), profiles_timeout_s=0.02)
        visit = site.visit(evaluator(), request())
        profile = Profile.new()
        incoming = request(cookies=[cookie(site, profile, visit)])

        async def run() -> None:
            assert known(await site.arrive(evaluator(), incoming))["country"] == "IT"
            for asked in (site.store(profile, visit), site.forget(incoming)):
                with pytest.raises(ProfilesError) as caught:
                    await asked
                assert "canary" not in str(caught.value)

        asyncio.run(run())
        assert site.failures == 3

    def test_also_without_an_event_loop(self) -> None:
        site = site_with(BrokenNow())
        visit = site.visit(evaluator(), request())
        profile = Profile.new()
        incoming = request(cookies=[cookie(site, profile, visit)])

        assert known(site.arrive_now(evaluator(), incoming))["country"] == "IT"
        with pytest.raises(ProfilesError, match="ValueError"):
            site.store_now(profile, visit)
        with pytest.raises(ProfilesError, match="ValueError"):
            site.forget_now(incoming)
        assert site.failures == 3

    def test_who_is_not_forgotten_still_loses_the_cookie(self) -> None:
        awaited, direct = site_with(Broken(ValueError("canary"))), site_with(BrokenNow())
        incoming = request(cookies=[cookie(awaited, Profile.new(), awaited.visit(evaluator(), request()))])

        with pytest.raises(NotForgotten, match="ValueError") as caught:
            asyncio.run(awaited.forget(incoming))
        with pytest.raises(NotForgotten, match="ValueError") as caught_now:
            direct.forget_now(incoming)
        for each in (caught, caught_now):
            assert b"Max-Age=0;" in (each.value.cookie or b"")

    def test_a_source_of_the_other_kind_is_refused_not_ignored(self) -> None:
        awaited, direct = site_with(Broken(None)), site_with(BrokenNow())

        with pytest.raises(TypeError, match="`read_now`"):
            awaited.arrive_now(evaluator(), request())
        with pytest.raises(TypeError, match="`read`"):
            asyncio.run(direct.arrive(evaluator(), request()))

    def test_a_source_is_not_asked_without_storage_consent_or_a_cookie(self) -> None:
        site = site_with(Broken(ValueError("asked")))
        with_cookie = [cookie(site, Profile.new(), site.visit(evaluator(), request(ALL)))]

        async def run() -> None:
            await site.arrive(evaluator(), request(ALL))
            visit = await site.arrive(evaluator(), request(NO_STORAGE, cookies=with_cookie))
            assert await site.store(Profile.new(), visit) is None

        asyncio.run(run())
        assert site.failures == 0

    def test_whoever_wishes_to_be_forgotten_is_without_storage_consent_too(self) -> None:
        profiles = MemoryProfiles()
        site = site_with(profiles)
        profile = Profile.new()
        profiles.write_now(profile.id, VALUES, ttl_s=100)
        mine = cookie(site, profile, site.visit(evaluator(), request(ALL)))

        assert asyncio.run(site.forget(request(NO_STORAGE, cookies=[mine]))) is not None
        assert profiles.read_now(profile.id) == {}
        assert asyncio.run(site.forget(request(ALL))) is None
