"""A profile keeps what the visitor declared, as long as the visitor lets it, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

from discreet.visitors import MemoryProfiles, ProfilesError, Sealer, Visitors, VisitorSettings
from support.asgi import Reply, ask
from support.edge import ALL_TCF, FACTS, LIMITED_TCF, SECRET, edge_app, edge_visitors

TOLD = {
    "first_name": "Ada",
    "interests": ["running"],
    "allergic": True,
    "purchases": 9,
    "country": "FR",
    "nobody": 1,
}
EVERYTHING = f"euconsent-v2={ALL_TCF}"
ITALY = ("cf-ipcountry", "IT")


def put(app: Any, attributes: object, cookie: str = EVERYTHING) -> Reply:
    return ask(
        app, "PUT", "/v1/profile", document={"attributes": attributes}, headers=[ITALY, ("cookie", cookie)]
    )


def profile_cookie(reply: Reply) -> str:
    (cookie,) = reply.all("set-cookie")
    return cookie.partition(";")[0]


def hero(app: Any, cookie: str) -> str:
    document = {"placement": "home.hero"}
    reply = ask(app, "POST", "/v1/decide", document=document, headers=[ITALY, ("cookie", cookie)])
    title: str = reply.json["decisions"][0]["content"]["title"]
    return title


def test_declared_attributes_are_kept_and_no_others() -> None:
    reply = put(edge_app(), TOLD)

    assert (reply.status, reply.json) == (200, {"kept": ["first_name", "interests"]})
    (cookie,) = reply.all("set-cookie")
    assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert "Ada" not in cookie


def test_what_is_kept_decides_the_next_time() -> None:
    app = edge_app()
    kept = profile_cookie(put(app, TOLD))

    assert hero(app, f"{EVERYTHING}; {kept}") == "New shoes, Ada"
    assert hero(app, EVERYTHING) == "Summer by the sea"


def test_it_is_not_looked_at_without_consent_any_more() -> None:
    app = edge_app()
    kept = profile_cookie(put(app, TOLD))

    assert hero(app, f"euconsent-v2={LIMITED_TCF}; {kept}") == "Summer by the sea"


def test_without_storage_consent_nothing_is_kept_and_an_old_cookie_expires() -> None:
    app = edge_app()
    kept = profile_cookie(put(app, TOLD))

    fresh = put(app, TOLD, f"euconsent-v2={LIMITED_TCF}")
    withdrawn = put(app, TOLD, f"euconsent-v2={LIMITED_TCF}; {kept}")

    assert (fresh.status, fresh.all("set-cookie")) == (403, [])
    assert fresh.json["type"] == "urn:discreet:problem:storage-not-granted"
    assert withdrawn.status == 403
    (expiry,) = withdrawn.all("set-cookie")
    assert expiry.startswith("__Host-discreet=; Max-Age=0;")


def test_forgetting_expires_the_cookie_whatever_was_consented() -> None:
    app = edge_app()
    kept = profile_cookie(put(app, TOLD))

    for cookie in (f"{EVERYTHING}; {kept}", kept):
        reply = ask(app, "DELETE", "/v1/profile", headers=[("cookie", cookie)])
        (expiry,) = reply.all("set-cookie")
        assert (reply.status, reply.body) == (204, b"")
        assert expiry.startswith("__Host-discreet=; Max-Age=0;")
    assert ask(app, "DELETE", "/v1/profile").all("set-cookie") == []


def with_source(profiles: Any, **more: Any) -> Any:
    settings = VisitorSettings(cdn="cloudflare", attributes=FACTS, **more)
    return edge_app(
        visitors=Visitors(settings, sealer=Sealer([SECRET], use="profile-cookie"), profiles=profiles)
    )


def test_a_profile_source_keeps_the_values_and_forgets_them() -> None:
    app = with_source(MemoryProfiles())
    kept = profile_cookie(put(app, TOLD))

    assert hero(app, f"{EVERYTHING}; {kept}") == "New shoes, Ada"
    assert ask(app, "DELETE", "/v1/profile", headers=[("cookie", kept)]).status == 204
    assert hero(app, f"{EVERYTHING}; {kept}") == "Summer by the sea"


class Broken(MemoryProfiles):
    """A profile source that never answers."""

    async def read(self, *_: Any, **__: Any) -> Any:
        raise ProfilesError("the profile source did not answer")

    async def write(self, *_: Any, **__: Any) -> None:
        raise ProfilesError("the profile source did not answer")

    async def forget(self, *_: Any, **__: Any) -> None:
        raise ProfilesError("the profile source did not answer")


def test_a_source_that_fails_is_said_to_whoever_wants_to_be_kept_or_forgotten() -> None:
    kept = profile_cookie(put(edge_app(), TOLD))
    app = with_source(Broken())

    assert put(app, TOLD).status == 502
    assert ask(app, "DELETE", "/v1/profile", headers=[("cookie", kept)]).status == 502
    assert hero(app, f"{EVERYTHING}; {kept}") in {
        "New shoes, Ada",
        "Summer by the sea",
    }  # served all the same


class Slow(MemoryProfiles):
    """A profile source that reads too slowly while it is told to."""

    is_slow = False

    async def read(self, profile_id: str) -> Any:
        if self.is_slow:
            await asyncio.Event().wait()
        return self.read_now(profile_id)


def test_what_could_not_be_read_is_not_overwritten() -> None:
    profiles = Slow()
    app = with_source(profiles, profiles_timeout_s=0.02)
    kept = profile_cookie(put(app, TOLD))

    profiles.is_slow = True
    reply = put(app, {"first_name": "Eve"}, f"{EVERYTHING}; {kept}")
    profiles.is_slow = False

    assert (reply.status, reply.json["type"]) == (502, "urn:discreet:problem:profiles-failed")
    assert reply.all("set-cookie") == []
    assert hero(app, f"{EVERYTHING}; {kept}") == "New shoes, Ada"


def test_of_two_cookies_that_open_both_are_forgotten() -> None:
    app = with_source(MemoryProfiles())
    cookies = [profile_cookie(put(app, TOLD)) for _ in range(2)]

    assert ask(app, "DELETE", "/v1/profile", headers=[("cookie", "; ".join(cookies))]).status == 204
    assert [hero(app, f"{EVERYTHING}; {each}") for each in cookies] == ["Summer by the sea"] * 2


def test_what_finds_no_room_in_the_cookie_is_not_said_to_be_kept() -> None:
    app = edge_app()
    kept = profile_cookie(put(app, TOLD))
    told = {"first_name": "Eve", "interests": [f"{number:04}" + "x" * 60 for number in range(60)]}
    reply = put(app, told, f"{EVERYTHING}; {kept}")

    assert reply.json == {"kept": ["first_name"]}
    assert hero(app, f"{EVERYTHING}; {profile_cookie(reply)}") == "New shoes, Eve"  # who still enjoys running


def test_a_server_without_secrets_keeps_none() -> None:
    app = edge_app(visitors=Visitors(VisitorSettings(cdn="cloudflare")))

    refused = put(app, TOLD)
    assert refused.json["type"] == "urn:discreet:problem:profiles-not-kept"
    assert refused.status == 404  # how it was set up is no failure of the server
    assert edge_visitors().settings.cookie_secure


def test_a_body_without_attributes_is_refused() -> None:
    documents: list[dict[str, Any]] = [{}, {"attributes": []}, {"attributes": {}, "more": 1}]
    for document in documents:
        assert ask(edge_app(), "PUT", "/v1/profile", document=document).status == 400
